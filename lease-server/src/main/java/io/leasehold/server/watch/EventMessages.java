package io.leasehold.server.watch;

import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyValue;
import io.leasehold.server.message.KeyValueMessage;
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
      message.setType(Event.EventType.PUT).setKv(KeyValueMessage.of(put.keyValue()));
    } else {
      message
          .setType(Event.EventType.DELETE)
          .setKv(
              io.leasehold.api.mvccpb.KeyValue.newBuilder()
                  .setKey(KeyValueMessage.field(event.key()))
                  .setModRevision(event.revision()));
    }
    if (previous != null) {
      message.setPrevKv(KeyValueMessage.of(previous));
    }
    return message.build();
  }
}
