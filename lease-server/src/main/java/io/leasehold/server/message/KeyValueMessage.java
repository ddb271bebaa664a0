package io.leasehold.server.message;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyValue;

/** A key as clients see it. Keys and values are shared, not copied: nobody changes them. */
public final class KeyValueMessage {
  private KeyValueMessage() {}

  public static io.leasehold.api.mvccpb.KeyValue of(KeyValue keyValue) {
    return io.leasehold.api.mvccpb.KeyValue.newBuilder()
        .setKey(field(keyValue.key()))
        .setValue(field(keyValue.value()))
        .setCreateRevision(keyValue.createRevision())
        .setModRevision(keyValue.modRevision())
        .setVersion(keyValue.version())
        .setLease(keyValue.leaseId())
        .build();
  }

  /** Returns bytes as a field of a message. */
  public static ByteString field(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.array());
  }
}
