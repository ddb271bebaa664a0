/**
 * Clients that others wrote, on clusters of real members. They bring their own gRPC classes and
 * generated messages, which no other module has on its class path.
 */
@NullMarked
package io.leasehold.compat;

import org.jspecify.annotations.NullMarked;
