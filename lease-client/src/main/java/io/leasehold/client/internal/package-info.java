/** Machinery of the client that no user sees, and that may change at any time. */
@NullMarked
package io.leasehold.client.internal;

import org.jspecify.annotations.NullMarked;
