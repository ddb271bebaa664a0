package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyEvent.Put;
import io.leasehold.core.key.KeyValue;
import java.util.List;

/**
 * What one revision changed.
 *
 * @param bytes what it takes in memory, about
 */
record Change(long revision, List<KeyEvent> events, long bytes) {
  /** Objects and references around the bytes of an event, on a 64-bit JVM. */
  private static final int EVENT_OVERHEAD_BYTES = 160;

  static Change of(long revision, List<KeyEvent> events) {
    long bytes = 0;
    for (KeyEvent event : events) {
      bytes += EVENT_OVERHEAD_BYTES + event.key().length();
      if (event instanceof Put put) {
        KeyValue keyValue = put.keyValue();
        bytes += keyValue.value().length();
      }
    }
    return new Change(revision, events, bytes);
  }
}
