package io.leasehold.core.key;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A key store that forgets when the JVM ends, and its own view. Refuses whatever the contract of
 * {@link KeyStore} and {@link RangeView} does not allow. Confined to one thread; other threads are
 * given a {@link #copy}.
 */
public final class MemoryKeyStore implements KeyStore, KeyView {
  /** Of each key its changes by revision, as far as they are needed. */
  private final TreeMap<Bytes, NavigableMap<Long, KeyEvent>> versions = new TreeMap<>();

  private final TreeMap<Long, List<KeyEvent>> history = new TreeMap<>();
  private final TreeMap<Long, TreeSet<Bytes>> attached = new TreeMap<>();
  private long revision = 1;
  private long compactedRevision;
  private long keysHash;

  /** Returns a store with the same content. */
  public MemoryKeyStore copy() {
    MemoryKeyStore copy = new MemoryKeyStore();
    versions.forEach((key, changes) -> copy.versions.put(key, new TreeMap<>(changes)));
    copy.history.putAll(history);
    attached.forEach((leaseId, keys) -> copy.attached.put(leaseId, new TreeSet<>(keys)));
    copy.revision = revision;
    copy.compactedRevision = compactedRevision;
    copy.keysHash = keysHash;
    return copy;
  }

  @Override
  public KeyView pending() {
    return this;
  }

  @Override
  public void write(long newRevision, List<KeyEvent> events) {
    require(newRevision == revision + 1, "revision " + newRevision + " after " + revision);
    require(!events.isEmpty(), "a revision without changes");
    for (KeyEvent event : events) {
      KeyValue before = get(event.key(), revision);
      require(event.revision() == newRevision, event + " at " + newRevision);
      require(before != null || event instanceof KeyEvent.Put, "no key for " + event);
      KeyEvent twice =
          versions.computeIfAbsent(event.key(), key -> new TreeMap<>()).put(newRevision, event);
      require(twice == null, "a second change: " + event);
    }
    history.put(newRevision, List.copyOf(events));
    revision = newRevision;
  }

  @Override
  public void deleteAttached(long newRevision, long leaseId) {
    List<KeyEvent> events = new ArrayList<>();
    for (Bytes key : attached.getOrDefault(leaseId, new TreeSet<>())) {
      events.add(new KeyEvent.Deleted(key, newRevision));
    }
    write(newRevision, events);
    detachAll(leaseId);
  }

  @Override
  public void attach(long leaseId, Bytes key) {
    require(leaseId != 0, "attached to no lease: " + key);
    boolean added = attached.computeIfAbsent(leaseId, id -> new TreeSet<>()).add(key);
    require(added, key + " is attached to " + leaseId + " already");
  }

  @Override
  public void detach(long leaseId, Bytes key) {
    TreeSet<Bytes> keys = attached.get(leaseId);
    require(keys != null && keys.remove(key), key + " is not attached to " + leaseId);
  }

  @Override
  public void detachAll(long leaseId) {
    attached.remove(leaseId);
  }

  @Override
  public void forEachLeaseWithKeys(LongConsumer visitor) {
    attached.forEach(
        (leaseId, keys) -> {
          if (!keys.isEmpty()) {
            visitor.accept(leaseId);
          }
        });
  }

  @Override
  public long keysHash() {
    return keysHash;
  }

  @Override
  public void putKeysHash(long hash) {
    keysHash = hash;
  }

  @Override
  public void compact(long newCompacted) {
    require(newCompacted > compactedRevision, newCompacted + " is compacted already");
    require(newCompacted <= revision, newCompacted + " is still to come");
    compactedRevision = newCompacted;
    history.headMap(newCompacted).clear();
    for (NavigableMap<Long, KeyEvent> changes : versions.values()) {
      Long current = changes.floorKey(newCompacted);
      if (current != null) {
        boolean isGone = changes.get(current) instanceof KeyEvent.Deleted;
        changes.headMap(current, isGone).clear();
      }
    }
    versions.values().removeIf(Map::isEmpty);
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
  public @Nullable KeyValue get(Bytes key, long atRevision) {
    require(atRevision >= compactedRevision && atRevision <= revision, "asked for " + atRevision);
    NavigableMap<Long, KeyEvent> changes = versions.get(key);
    return changes == null ? null : at(changes, atRevision);
  }

  @Override
  public void forEach(KeyRange range, long atRevision, Visitor<KeyValue> visitor) {
    require(atRevision >= compactedRevision && atRevision <= revision, "asked for " + atRevision);
    require(!range.isEmpty(), "visited an empty range: " + range);
    for (NavigableMap<Long, KeyEvent> changes : versionsIn(range).values()) {
      KeyValue keyValue = at(changes, atRevision);
      if (keyValue != null && !visitor.visit(keyValue)) {
        return;
      }
    }
  }

  private NavigableMap<Bytes, NavigableMap<Long, KeyEvent>> versionsIn(KeyRange range) {
    return range.end() == null
        ? versions.tailMap(range.first(), true)
        : versions.subMap(range.first(), true, range.end(), false);
  }

  private static @Nullable KeyValue at(NavigableMap<Long, KeyEvent> changes, long revision) {
    Map.Entry<Long, KeyEvent> last = changes.floorEntry(revision);
    return last != null && last.getValue() instanceof KeyEvent.Put put ? put.keyValue() : null;
  }

  @Override
  public long count(KeyRange range, long atRevision) {
    List<KeyValue> keyValues = new ArrayList<>();
    forEach(range, atRevision, keyValues::add);
    return keyValues.size();
  }

  @Override
  public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    require(first >= compactedRevision && last <= revision, "asked for " + first + " to " + last);
    for (List<KeyEvent> events : history.subMap(first, true, last, true).values()) {
      for (KeyEvent event : events) {
        if (!visitor.visit(event)) {
          return;
        }
      }
    }
  }

  @Override
  public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
    TreeSet<Bytes> keys = attached.get(leaseId);
    if (keys != null) {
      for (Bytes key : keys) {
        if (!visitor.visit(key)) {
          return;
        }
      }
    }
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalStateException(message);
    }
  }
}
