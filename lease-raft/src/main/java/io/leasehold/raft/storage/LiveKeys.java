package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The key space as it has to look while rows of keys whose leases have ended are still there: those
 * keys are gone as of the revision of the end, and history tells of it.
 *
 * <p>That a key's row has such a lease says it all: a key that was detached, deleted or put anew
 * before the end, or put after it, has a newer row. So a lease that is swept already may still be
 * in the list.
 */
final class LiveKeys implements KeyView {
  private final KeyView rows;
  private final Supplier<EndedLeases> ended;

  /**
   * @param rows the key space as its rows say
   * @param ended gives the leases that the rows may not know to have ended; most often there are
   *     none
   */
  LiveKeys(KeyView rows, Supplier<EndedLeases> ended) {
    this.rows = rows;
    this.ended = ended;
  }

  @Override
  public long revision() {
    return rows.revision();
  }

  @Override
  public long compactedRevision() {
    return rows.compactedRevision();
  }

  private boolean isAlive(KeyValue keyValue, long revision) {
    return !ended.get().took(keyValue.leaseId(), keyValue.modRevision(), revision);
  }

  @Override
  public @Nullable KeyValue get(Bytes key, long revision) {
    KeyValue found = rows.get(key, revision);
    return found != null && isAlive(found, revision) ? found : null;
  }

  @Override
  public void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor) {
    if (ended.get().isEmpty()) {
      rows.forEach(range, revision, visitor);
      return;
    }
    rows.forEach(
        range, revision, keyValue -> !isAlive(keyValue, revision) || visitor.visit(keyValue));
  }

  @Override
  public long count(KeyRange range, long revision) {
    if (ended.get().isEmpty()) {
      return rows.count(range, revision);
    }
    long[] count = {0};
    forEach(
        range,
        revision,
        keyValue -> {
          count[0]++;
          return true;
        });
    return count[0];
  }

  /**
   * What was swept of an end is in history, and what comes after that in order of keys is still
   * known by being attached. The rows have to be those of one moment.
   */
  @Override
  public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    Watched watched = new Watched(visitor);
    long next = first;
    for (EndedLease lease : ended.get().inOrder()) {
      if (lease.revision() >= next && lease.revision() <= last) {
        rows.forEachEvent(next, lease.revision(), watched);
        if (watched.isOver) {
          return;
        }
        Bytes swept = watched.lastKey(lease.revision());
        rows.forEachAttached(
            lease.leaseId(),
            key ->
                (swept != null && key.compareTo(swept) <= 0)
                    || watched.visit(new KeyEvent.Deleted(key, lease.revision())));
        if (watched.isOver) {
          return;
        }
        next = lease.revision() + 1;
      }
    }
    rows.forEachEvent(next, last, visitor);
  }

  /** Remembers whether the visitor has had enough, and what it saw last. */
  private static final class Watched implements Visitor<KeyEvent> {
    private final Visitor<KeyEvent> visitor;
    private @Nullable KeyEvent last;
    private boolean isOver;

    Watched(Visitor<KeyEvent> visitor) {
      this.visitor = visitor;
    }

    @Nullable Bytes lastKey(long revision) {
      return last != null && last.revision() == revision ? last.key() : null;
    }

    @Override
    public boolean visit(KeyEvent event) {
      last = event;
      isOver = !visitor.visit(event);
      return !isOver;
    }
  }

  /** A lease in the list has no key: one of the same ID has none before the other is swept. */
  @Override
  public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
    if (ended.get().find(leaseId) == null) {
      rows.forEachAttached(leaseId, visitor);
    }
  }
}
