package io.leasehold.client.internal.grpc;

import io.grpc.ManagedChannel;

/** One member of the cluster, and the connection to it. */
record Endpoint(String address, ManagedChannel channel) {}
