package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyEvent.Put;
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
      bytes += bytesOf(event);
    }
    return new Change(revision, events, bytes);
  }

  /** Returns what an event takes in memory, about. */
  static long bytesOf(KeyEvent event) {
    long bytes = (long) EVENT_OVERHEAD_BYTES + event.key().length();
    if (event instanceof Put put) {
      bytes += put.keyValue().value().length();
    }
    return bytes;
  }
}
