/** Tests of the clients. */
@NullMarked
package io.leasehold.jepsen.client;

import org.jspecify.annotations.NullMarked;
