package io.leasehold.server.watch;

import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.KeyEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * What one {@link Sweep} finds for one watcher, in messages that are ready to be sent. Used by one
 * thread at a time; of the watcher it reads only what never changes.
 */
final class Collector {
  /** A message is closed at the end of the revision with which it reaches this size. */
  private static final int MESSAGE_BYTES = 128 * 1024;

  /** Events of whole revisions, for one message. */
  static final class Batch {
    final long firstRevision;
    final List<Event> events = new ArrayList<>(1);
    long lastRevision;
    private long bytes;

    Batch(long revision) {
      this.firstRevision = revision;
      this.lastRevision = revision;
    }
  }

  final Watcher watcher;
  private final long fromRevision;
  private final List<Batch> batches = new ArrayList<>(1);
  private long missedRevision;

  Collector(Watcher watcher, long fromRevision) {
    this.watcher = watcher;
    this.fromRevision = fromRevision;
  }

  boolean wants(KeyEvent event) {
    return event.revision() >= fromRevision && watcher.spec.wants(event);
  }

  boolean isEmpty() {
    return batches.isEmpty() && missedRevision == 0;
  }

  /** Adds an event that is wanted. Revisions do not decrease. */
  void add(long revision, Event event) {
    Batch batch = batches.isEmpty() ? null : batches.get(batches.size() - 1);
    if (batch == null || (batch.lastRevision != revision && batch.bytes >= MESSAGE_BYTES)) {
      batch = new Batch(revision);
      batches.add(batch);
    }
    batch.events.add(event);
    batch.lastRevision = revision;
    batch.bytes += event.getSerializedSize();
  }

  /** Notes that there was an event which cannot be told from memory alone. */
  void miss(long revision) {
    if (missedRevision == 0) {
      missedRevision = revision;
    }
  }

  /** Returns the first revision that was missed, 0 for none. */
  long missedRevision() {
    return missedRevision;
  }

  List<Batch> batches() {
    return batches;
  }

  void clear() {
    batches.clear();
    missedRevision = 0;
  }
}
