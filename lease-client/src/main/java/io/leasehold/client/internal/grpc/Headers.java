package io.leasehold.client.internal.grpc;

import io.grpc.Metadata;

/** Headers of requests. */
final class Headers {
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

  private Headers() {}

  /** Makes a member that has lost its leader end the stream, instead of staying silent. */
  static Metadata requireLeader() {
    Metadata headers = new Metadata();
    headers.put(HAS_LEADER, "true");
    return headers;
  }
}
