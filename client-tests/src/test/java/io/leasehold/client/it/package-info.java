/** The client against real members: ours, and etcd where it is installed. */
@NullMarked
package io.leasehold.client.it;

import org.jspecify.annotations.NullMarked;
