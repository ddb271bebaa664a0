/**
 * The client port: the etcd v3 services over gRPC.
 *
 * <p>Entry class: {@link io.leasehold.server.grpc.ClientPort}. Services run on the event loop that
 * read the request and never block; answers leave on whatever thread has them. Every status a
 * client can see is in {@link io.leasehold.server.grpc.EtcdError}.
 */
@NullMarked
package io.leasehold.server.grpc;

import org.jspecify.annotations.NullMarked;
