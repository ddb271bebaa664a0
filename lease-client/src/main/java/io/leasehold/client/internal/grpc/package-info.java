/**
 * The etcd v3 interface over gRPC: the only package that knows of it. Everything that leaves it is
 * a type of the client's own.
 */
@NullMarked
package io.leasehold.client.internal.grpc;

import org.jspecify.annotations.NullMarked;
