package io.leasehold.server.watch;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyValue;
import org.jspecify.annotations.Nullable;

/** Events as clients see them. Keys and values are shared, not copied: nobody changes them. */
final class EventMessages {
  private EventMessages() {}

  /**
   * @param previous the key before the change, when that is to be told and it existed
   */
  static Event of(KeyEvent event, @Nullable KeyValue previous) {
    Event.Builder message = Event.newBuilder();
    if (event instanceof KeyEvent.Put put) {
      message.setType(Event.EventType.PUT).setKv(keyValue(put.keyValue()));
    } else {
      message
          .setType(Event.EventType.DELETE)
          .setKv(
              io.leasehold.api.mvccpb.KeyValue.newBuilder()
                  .setKey(bytes(event.key()))
                  .setModRevision(event.revision()));
    }
    if (previous != null) {
      message.setPrevKv(keyValue(previous));
    }
    return message.build();
  }

  private static io.leasehold.api.mvccpb.KeyValue keyValue(KeyValue keyValue) {
    return io.leasehold.api.mvccpb.KeyValue.newBuilder()
        .setKey(bytes(keyValue.key()))
        .setValue(bytes(keyValue.value()))
        .setCreateRevision(keyValue.createRevision())
        .setModRevision(keyValue.modRevision())
        .setVersion(keyValue.version())
        .setLease(keyValue.leaseId())
        .build();
  }

  private static ByteString bytes(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.array());
  }
}
