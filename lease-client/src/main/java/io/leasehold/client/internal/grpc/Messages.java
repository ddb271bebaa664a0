package io.leasehold.client.internal.grpc;

import com.google.protobuf.ByteString;
import io.leasehold.client.Bytes;

/** Translates between messages of the wire and the client's own types. */
final class Messages {
  private Messages() {}

  static Bytes bytes(ByteString bytes) {
    return Bytes.copyOf(bytes.toByteArray());
  }

  static ByteString bytes(Bytes bytes) {
    return ByteString.copyFrom(bytes.toArray());
  }
}
