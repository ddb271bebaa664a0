package io.leasehold.server.watch;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The whole history of a key space in memory, with views that refuse to answer what the real ones
 * could not. Any thread.
 */
public final class KeyHistory implements HistoryReads {
  private final List<List<KeyEvent>> revisions = new ArrayList<>();
  private final TreeMap<Bytes, TreeMap<Long, KeyEvent>> versions = new TreeMap<>();
  private long compacted;

  public synchronized long revision() {
    return 1L + revisions.size();
  }

  public synchronized long compactedRevision() {
    return compacted;
  }

  /** Returns everything that ever happened, compacted or not, in order. */
  public synchronized List<KeyEvent> all() {
    return revisions.stream().flatMap(List::stream).toList();
  }

  /** Returns a key's live version, or null. */
  public synchronized @Nullable KeyValue get(Bytes key) {
    return at(key, revision());
  }

  /** Writes keys, all at one revision, and returns the changes. */
  public synchronized List<KeyEvent> put(long leaseId, String value, String... keys) {
    long revision = revision() + 1;
    List<KeyEvent> events = new ArrayList<>();
    for (String name : keys) {
      Bytes key = Bytes.utf8(name);
      KeyValue before = get(key);
      events.add(
          new KeyEvent.Put(
              new KeyValue(
                  key,
                  Bytes.utf8(value),
                  before == null ? revision : before.createRevision(),
                  revision,
                  before == null ? 1 : before.version() + 1,
                  leaseId)));
    }
    return record(events);
  }

  /** Deletes those of the keys that exist, all at one revision, and returns the changes. */
  public synchronized List<KeyEvent> delete(String... keys) {
    long revision = revision() + 1;
    List<KeyEvent> events = new ArrayList<>();
    for (String name : keys) {
      if (get(Bytes.utf8(name)) != null) {
        events.add(new KeyEvent.Deleted(Bytes.utf8(name), revision));
      }
    }
    return record(events);
  }

  public synchronized void compact(long revision) {
    compacted = Math.max(compacted, revision);
  }

  @Override
  public synchronized KeyReading open() {
    return new View(revision(), compacted);
  }

  private List<KeyEvent> record(List<KeyEvent> events) {
    if (!events.isEmpty()) {
      revisions.add(List.copyOf(events));
      events.forEach(
          event ->
              versions
                  .computeIfAbsent(event.key(), key -> new TreeMap<>())
                  .put(event.revision(), event));
    }
    return events;
  }

  private synchronized @Nullable KeyValue at(Bytes key, long revision) {
    TreeMap<Long, KeyEvent> ofKey = versions.get(key);
    var entry = ofKey == null ? null : ofKey.floorEntry(revision);
    return entry != null && entry.getValue() instanceof KeyEvent.Put put ? put.keyValue() : null;
  }

  private synchronized List<KeyEvent> events(long revision) {
    return revisions.get((int) revision - 2);
  }

  private final class View implements KeyReading {
    private final long revision;
    private final long compactedRevision;

    View(long revision, long compactedRevision) {
      this.revision = revision;
      this.compactedRevision = compactedRevision;
    }

    @Override
    public long revision() {
      return revision;
    }

    @Override
    public long compactedRevision() {
      return compactedRevision;
    }

    @Override
    public @Nullable KeyValue get(Bytes key, long at) {
      check(at);
      return at(key, at);
    }

    @Override
    public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
      check(first);
      check(last);
      for (long at = Math.max(2, first); at <= last; at++) {
        for (KeyEvent event : events(at)) {
          if (!visitor.visit(event)) {
            return;
          }
        }
      }
    }

    private void check(long at) {
      if (at < compactedRevision || at > revision) {
        throw new IllegalArgumentException(
            "revision " + at + " is not between " + compactedRevision + " and " + revision);
      }
    }

    @Override
    public void forEach(KeyRange range, long at, Visitor<KeyValue> visitor) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long count(KeyRange range, long at) {
      throw new UnsupportedOperationException();
    }

    @Override
    public HistoryHash hash(long at) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    @Override
    public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
      throw new UnsupportedOperationException();
    }
  }
}
