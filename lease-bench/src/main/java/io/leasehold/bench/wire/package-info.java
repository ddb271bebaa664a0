/**
 * gRPC over HTTP/2, as little of it as load needs, so that the generator is never what is measured:
 * {@link io.leasehold.bench.wire.Connection} makes calls, {@link io.leasehold.bench.wire.Answerer}
 * answers them. Everything of a connection happens on its event loop. Knows nothing of etcd's
 * interface.
 */
@NullMarked
package io.leasehold.bench.wire;

import org.jspecify.annotations.NullMarked;
