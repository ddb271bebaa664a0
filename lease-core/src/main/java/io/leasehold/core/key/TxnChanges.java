package io.leasehold.core.key;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The key space with the changes of one transaction, which are kept in memory until it is certain
 * that the transaction takes effect. Dropping this object undoes them.
 */
final class TxnChanges implements RangeView {
  private final RangeView before;
  private final long revisionBefore;
  private final TreeMap<Bytes, Change> changes = new TreeMap<>();

  /** The changed keys in the order in which they first changed. */
  private final List<Bytes> order = new ArrayList<>();

  /**
   * What the transaction made of a key.
   *
   * @param existed whether there was such a key before
   * @param leaseBefore the lease it was attached to then, 0 for none
   * @param now what it is now, null when it was deleted
   */
  record Change(boolean existed, long leaseBefore, @Nullable KeyValue now) {
    long leaseNow() {
      return now == null ? 0 : now.leaseId();
    }
  }

  /** Receives a changed key. */
  @FunctionalInterface
  interface ChangeVisitor {
    void changed(Bytes key, Change change);
  }

  TxnChanges(RangeView before) {
    this.before = before;
    this.revisionBefore = before.revision();
  }

  /** Returns the revision at which the changes will be written. */
  long ownRevision() {
    return revisionBefore + 1;
  }

  /**
   * Notes what a key is from now on.
   *
   * @param previous what {@link #get} answered for it
   */
  void put(@Nullable KeyValue previous, KeyValue now) {
    change(now.key(), previous, now);
  }

  /**
   * Notes that a key is gone.
   *
   * @param previous what {@link #get} answered for it; the value does not matter
   */
  void delete(KeyValue previous) {
    change(previous.key(), previous, null);
  }

  private void change(Bytes key, @Nullable KeyValue previous, @Nullable KeyValue now) {
    Change first = changes.get(key);
    if (first == null) {
      order.add(key);
      long leaseBefore = previous == null ? 0 : previous.leaseId();
      changes.put(key, new Change(previous != null, leaseBefore, now));
    } else {
      changes.put(key, new Change(first.existed(), first.leaseBefore(), now));
    }
  }

  /** Returns what there is to write, in the order in which keys first changed. */
  List<KeyEvent> events() {
    List<KeyEvent> events = new ArrayList<>(order.size());
    for (Bytes key : order) {
      Change change = Objects.requireNonNull(changes.get(key));
      KeyValue now = change.now();
      if (now != null) {
        events.add(new KeyEvent.Put(now));
      } else if (change.existed()) {
        events.add(new KeyEvent.Deleted(key, ownRevision()));
      }
    }
    return events;
  }

  /** Visits the changed keys, in order of keys. */
  void forEachChange(ChangeVisitor visitor) {
    changes.forEach(visitor::changed);
  }

  @Override
  public long revision() {
    return changes.isEmpty() ? revisionBefore : ownRevision();
  }

  @Override
  public long compactedRevision() {
    return before.compactedRevision();
  }

  @Override
  public @Nullable KeyValue get(Bytes key, long revision) {
    if (revision <= revisionBefore) {
      return before.get(key, revision);
    }
    Change change = changes.get(key);
    return change == null ? before.get(key, revisionBefore) : change.now();
  }

  @Override
  public void forEach(KeyRange range, long revision, KeyView.Visitor<KeyValue> visitor) {
    if (revision <= revisionBefore) {
      before.forEach(range, revision, visitor);
      return;
    }
    Merge merge = new Merge(changesIn(range), visitor);
    before.forEach(range, revisionBefore, merge);
    merge.rest();
  }

  @Override
  public long count(KeyRange range, long revision) {
    if (revision <= revisionBefore) {
      return before.count(range, revision);
    }
    long count = before.count(range, revisionBefore);
    for (Change change : changesIn(range).values()) {
      count += (change.now() == null ? 0 : 1) - (change.existed() ? 1 : 0);
    }
    return count;
  }

  private NavigableMap<Bytes, Change> changesIn(KeyRange range) {
    return range.end() == null
        ? changes.tailMap(range.first(), true)
        : changes.subMap(range.first(), true, range.end(), false);
  }

  /** Visits old keys and changed ones in one order of keys. */
  private static final class Merge implements KeyView.Visitor<KeyValue> {
    private final Iterator<Map.Entry<Bytes, Change>> changed;
    private final KeyView.Visitor<KeyValue> visitor;
    private Map.@Nullable Entry<Bytes, Change> next;
    private boolean goesOn = true;

    Merge(NavigableMap<Bytes, Change> changes, KeyView.Visitor<KeyValue> visitor) {
      this.changed = changes.entrySet().iterator();
      this.visitor = visitor;
      step();
    }

    @Override
    public boolean visit(KeyValue old) {
      while (goesOn && next != null && next.getKey().compareTo(old.key()) < 0) {
        visitNext();
      }
      if (goesOn && next != null && next.getKey().equals(old.key())) {
        visitNext(); // instead of the old one
      } else if (goesOn) {
        goesOn = visitor.visit(old);
      }
      return goesOn;
    }

    void rest() {
      while (goesOn && next != null) {
        visitNext();
      }
    }

    private void visitNext() {
      KeyValue now = next == null ? null : next.getValue().now();
      if (now != null) {
        goesOn = visitor.visit(now);
      }
      step();
    }

    private void step() {
      next = changed.hasNext() ? changed.next() : null;
    }
  }
}
