package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView.Visitor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the key space that are not committed yet, in memory and in order, and how the key
 * space looks with them. Apply thread.
 *
 * <p>Ordered maps rather than RocksDB's indexed batch: a transaction looks up each key that it
 * changes, and most of what it finds is found here without leaving the JVM.
 */
final class KeyChanges {
  /** A change of a key, and the one before it. */
  private record Version(KeyEvent event, @Nullable Version older) {
    /** Adds another change of the key, most often a newer one. */
    Version with(KeyEvent added) {
      if (added.revision() > event.revision()) {
        return new Version(added, this);
      }
      return new Version(event, older == null ? new Version(added, null) : older.with(added));
    }
  }

  /** Changes of a lease's attachments. */
  private static final class Attachments {
    /** Nothing that was attached before counts any more. */
    private boolean isFromScratch;

    /** Whether each is attached now. */
    private final TreeMap<Bytes, Boolean> keys = new TreeMap<>();
  }

  /** By key; without what is in {@link #unordered}. */
  private final TreeMap<Bytes, Version> versions = new TreeMap<>();

  /**
   * Written, and not yet put in order of keys: that is done when somebody looks, or for the commit.
   */
  private final List<List<KeyEvent>> unordered = new ArrayList<>();

  private final TreeMap<Long, List<KeyEvent>> events = new TreeMap<>();
  private final Map<Long, Attachments> attachments = new HashMap<>();

  void clear() {
    versions.clear();
    unordered.clear();
    events.clear();
    attachments.clear();
  }

  void write(long revision, List<KeyEvent> changes) {
    unordered.add(changes);
    events.put(revision, changes);
  }

  private NavigableMap<Bytes, Version> versions() {
    for (List<KeyEvent> changes : unordered) {
      for (KeyEvent event : changes) {
        versions.merge(
            event.key(), new Version(event, null), (known, added) -> known.with(added.event()));
      }
    }
    unordered.clear();
    return versions;
  }

  /**
   * Tells of each changed key the newest change; in order of keys, unless there is one revision.
   */
  void forEachNewest(Consumer<KeyEvent> visitor) {
    if (isOfOneRevision()) {
      unordered.get(0).forEach(visitor);
    } else {
      versions().values().forEach(version -> visitor.accept(version.event()));
    }
  }

  /** Tells of all changes, as {@link #forEachNewest}; those of one key from the newest on. */
  void forEachChange(Consumer<KeyEvent> visitor) {
    if (isOfOneRevision()) {
      unordered.get(0).forEach(visitor);
      return;
    }
    for (Version newest : versions().values()) {
      for (Version at = newest; at != null; at = at.older()) {
        visitor.accept(at.event());
      }
    }
  }

  private boolean isOfOneRevision() {
    return versions.isEmpty() && unordered.size() == 1;
  }

  void attach(long leaseId, Bytes key, boolean isAttached) {
    attachments.computeIfAbsent(leaseId, id -> new Attachments()).keys.put(key, isAttached);
  }

  void detachAll(long leaseId) {
    Attachments changes = attachments.computeIfAbsent(leaseId, id -> new Attachments());
    changes.isFromScratch = true;
    changes.keys.clear();
  }

  /** Returns the newest change of a key up to a revision, or null when there is none here. */
  @Nullable KeyEvent newest(Bytes key, long revision) {
    return newest(versions().get(key), revision);
  }

  private static @Nullable KeyEvent newest(@Nullable Version version, long revision) {
    for (Version at = version; at != null; at = at.older()) {
      if (at.event().revision() <= revision) {
        return at.event();
      }
    }
    return null;
  }

  /** Tells whether any key of a range is changed. */
  boolean touch(KeyRange range) {
    Bytes first = versions().ceilingKey(range.first());
    return first != null && range.contains(first);
  }

  /** What visits the keys below these changes. */
  interface Below<T> {
    void forEach(Visitor<T> visitor);
  }

  /** Visits the keys of a range at a revision: those below, with these changes made to them. */
  void forEach(KeyRange range, long revision, Below<KeyValue> below, Visitor<KeyValue> visitor) {
    Merge<KeyValue, Version> merge =
        new Merge<>(versions(), range, visitor) {
          @Override
          boolean isShadowed(Version change) {
            return newest(change, revision) != null;
          }

          @Override
          @Nullable KeyValue made(Bytes key, Version change) {
            return newest(change, revision) instanceof KeyEvent.Put put ? put.keyValue() : null;
          }
        };
    below.forEach(keyValue -> merge.below(keyValue.key(), keyValue));
    merge.end();
  }

  /** Visits the keys attached to a lease: those below, with these changes made to them. */
  void forEachAttached(long leaseId, Below<Bytes> below, Visitor<Bytes> visitor) {
    Attachments changes = attachments.get(leaseId);
    if (changes == null) {
      below.forEach(visitor);
      return;
    }
    Merge<Bytes, Boolean> merge =
        new Merge<>(changes.keys, new KeyRange(Bytes.EMPTY, null), visitor) {
          @Override
          boolean isShadowed(Boolean change) {
            return true;
          }

          @Override
          @Nullable Bytes made(Bytes key, Boolean change) {
            return change ? key : null;
          }
        };
    if (!changes.isFromScratch) {
      below.forEach(key -> merge.below(key, key));
    }
    merge.end();
  }

  /** Visits the changes of some revisions, in order. */
  void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    if (last < first) {
      return;
    }
    for (List<KeyEvent> changes : events.subMap(first, true, last, true).values()) {
      for (KeyEvent event : changes) {
        if (!visitor.visit(event)) {
          return;
        }
      }
    }
  }

  /**
   * Merges what is below with changes, both in order of keys. Looks each change up anew, so that
   * the visitor may make others meanwhile.
   */
  private abstract static class Merge<T, C> {
    private final NavigableMap<Bytes, C> changes;
    private final KeyRange range;
    private final Visitor<T> visitor;
    private Map.@Nullable Entry<Bytes, C> next;
    private boolean isOver;

    Merge(NavigableMap<Bytes, C> changes, KeyRange range, Visitor<T> visitor) {
      this.changes = changes;
      this.range = range;
      this.visitor = visitor;
      this.next = range.isEmpty() ? null : changes.ceilingEntry(range.first());
    }

    /** Tells whether what is below does not count for a key with this change. */
    abstract boolean isShadowed(C change);

    /** Returns what the change makes of the key; null for nothing. */
    abstract @Nullable T made(Bytes key, C change);

    /** Takes the next item from below; tells whether more is wanted. */
    boolean below(Bytes key, T item) {
      visitBefore(key);
      Map.Entry<Bytes, C> change = next;
      boolean isShadowed =
          change != null && change.getKey().equals(key) && isShadowed(change.getValue());
      if (!isOver && !isShadowed) {
        isOver = !visitor.visit(item);
      }
      return !isOver;
    }

    /** Takes it that nothing more is below. */
    void end() {
      visitBefore(null);
    }

    private void visitBefore(@Nullable Bytes bound) {
      while (!isOver && next != null && range.contains(next.getKey())) {
        Bytes key = next.getKey();
        if (bound != null && key.compareTo(bound) >= 0) {
          return;
        }
        T made = made(key, next.getValue());
        if (made != null) {
          isOver = !visitor.visit(made);
        }
        next = changes.higherEntry(key);
      }
    }
  }
}
