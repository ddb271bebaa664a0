package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest changes, revision by revision without a gap: what the apply thread hands to the
 * dispatcher, and what watchers that lag a little are served from.
 *
 * <p>Bounded by bytes: the oldest go when new ones come, whether the dispatcher has seen them or
 * not; it then finds a gap and has everybody replay from disk. The newest one stays whatever its
 * size. Any thread; each call holds the lock for a few writes, or for copying a bounded slice.
 */
final class RecentChanges {
  private static final int CAPACITY_INITIAL = 1024;

  private final long bytesMax;

  /** A ring; its length is a power of two. */
  private @Nullable Change[] ring = new Change[CAPACITY_INITIAL];

  private int head;
  private int size;
  private long bytes;

  /** The newest revision, in the ring or, when that is empty, before it. */
  private volatile long last;

  /**
   * @param revision the newest revision so far
   */
  RecentChanges(long bytesMax, long revision) {
    this.bytesMax = bytesMax;
    this.last = revision;
  }

  /** Adds what comes next; passes over what {@link #restart} was told of already. */
  synchronized void append(long revision, List<KeyEvent> events) {
    if (revision <= last) {
      return;
    }
    if (revision != last + 1) {
      clear();
    }
    Change change = Change.of(revision, events);
    bytes += change.bytes();
    while (size > 0 && bytes > bytesMax) {
      evict();
    }
    if (size == ring.length) {
      grow();
    }
    ring[(head + size) & (ring.length - 1)] = change;
    size++;
    last = revision;
  }

  /** Forgets everything up to a revision that is newer; the next change is the one after it. */
  synchronized void restart(long revision) {
    if (revision > last) {
      clear();
      last = revision;
    }
  }

  /** Returns the newest revision. */
  long last() {
    return last;
  }

  /** Returns the oldest revision that is here; one more than the newest when none is. */
  synchronized long first() {
    return last - size + 1;
  }

  /**
   * Returns changes in order, or null when {@code from} is here no more.
   *
   * @param eventsMax where to stop: at the end of the change that reaches it
   */
  synchronized @Nullable List<Change> slice(long from, long to, int eventsMax) {
    long first = last - size + 1;
    if (from < first) {
      return null;
    }
    List<Change> slice = new ArrayList<>();
    long end = Math.min(to, last);
    int events = 0;
    for (long revision = from; revision <= end && events < eventsMax; revision++) {
      Change change = ring[(int) (head + (revision - first)) & (ring.length - 1)];
      if (change != null) {
        slice.add(change);
        events += change.events().size();
      }
    }
    return slice;
  }

  private void evict() {
    Change oldest = ring[head];
    if (oldest != null) {
      bytes -= oldest.bytes();
    }
    ring[head] = null;
    head = (head + 1) & (ring.length - 1);
    size--;
  }

  private void clear() {
    ring = new Change[CAPACITY_INITIAL];
    head = 0;
    size = 0;
    bytes = 0;
  }

  private void grow() {
    @Nullable Change[] larger = new Change[ring.length * 2];
    for (int i = 0; i < size; i++) {
      larger[i] = ring[(head + i) & (ring.length - 1)];
    }
    ring = larger;
    head = 0;
  }
}
