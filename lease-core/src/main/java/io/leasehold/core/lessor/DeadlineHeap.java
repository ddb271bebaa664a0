package io.leasehold.core.lessor;

import io.leasehold.core.lease.Lease;
import java.util.Arrays;
import java.util.NoSuchElementException;

/**
 * A min-heap of leases by the instant at which they next need attention.
 *
 * <p>Keys are corrected lazily: a renewal does not touch the heap, and an entry whose lease was
 * renewed is given its new key when it reaches the top. Four children a node, so that correcting
 * the top touches few cache lines; storage in chunks, so that growing copies nothing and leaves
 * little slack: 12 bytes an entry with compressed references.
 *
 * <p>Instants are nanoseconds of one clock, compared by subtraction. Confined to the lessor's owner
 * thread.
 */
final class DeadlineHeap {
  private static final int ARITY = 4;
  private static final int CHUNK_BITS = 12;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int CHUNK_MASK = CHUNK - 1;

  private long[][] keys = new long[4][];
  private Lease[][] leases = new Lease[4][];
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Returns the smallest key. */
  long topKey() {
    requireTop();
    return keys[0][0];
  }

  /** Returns the lease with the smallest key. */
  Lease top() {
    requireTop();
    return leases[0][0];
  }

  void push(long keyNanos, Lease lease) {
    append(keyNanos, lease);
    siftUp(size - 1, keyNanos, lease);
  }

  /** Gives the top another key. */
  void replaceTopKey(long keyNanos) {
    requireTop();
    siftDown(0, keyNanos, leases[0][0]);
  }

  /** Takes the top away. */
  void pop() {
    requireTop();
    size--;
    long key = keys[size >> CHUNK_BITS][size & CHUNK_MASK];
    Lease last = leases[size >> CHUNK_BITS][size & CHUNK_MASK];
    leases[size >> CHUNK_BITS][size & CHUNK_MASK] = null;
    if (size > 0) {
      siftDown(0, key, last);
    }
    releaseSpareChunks();
  }

  /**
   * Adds an entry without regard to order; {@link #restoreOrder} must follow before anything else
   * is asked.
   */
  void append(long keyNanos, Lease lease) {
    int chunk = size >> CHUNK_BITS;
    if (chunk == keys.length) {
      keys = Arrays.copyOf(keys, chunk * 2);
      leases = Arrays.copyOf(leases, chunk * 2);
    }
    if (keys[chunk] == null) {
      keys[chunk] = new long[CHUNK];
      leases[chunk] = new Lease[CHUNK];
    }
    set(size, keyNanos, lease);
    size++;
  }

  /**
   * Makes a heap of whatever was appended, in time proportional to the number of entries (Floyd).
   */
  void restoreOrder() {
    for (int i = (size - 2) / ARITY; i >= 0 && size > 1; i--) {
      siftDown(i, key(i), lease(i));
    }
  }

  /** Drops the entries of leases that are gone. */
  void dropGone() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      Lease lease = lease(i);
      if (!Lease.isGone(lease.word())) {
        set(kept++, key(i), lease);
      }
    }
    for (int i = kept; i < size; i++) {
      leases[i >> CHUNK_BITS][i & CHUNK_MASK] = null;
    }
    size = kept;
    releaseSpareChunks();
    restoreOrder();
  }

  private void requireTop() {
    if (size == 0) {
      throw new NoSuchElementException("the heap is empty");
    }
  }

  private long key(int i) {
    return keys[i >> CHUNK_BITS][i & CHUNK_MASK];
  }

  private Lease lease(int i) {
    return leases[i >> CHUNK_BITS][i & CHUNK_MASK];
  }

  private void set(int i, long keyNanos, Lease lease) {
    keys[i >> CHUNK_BITS][i & CHUNK_MASK] = keyNanos;
    leases[i >> CHUNK_BITS][i & CHUNK_MASK] = lease;
  }

  private void siftUp(int i, long keyNanos, Lease lease) {
    while (i > 0) {
      int parent = (i - 1) / ARITY;
      if (key(parent) - keyNanos <= 0) {
        break;
      }
      set(i, key(parent), lease(parent));
      i = parent;
    }
    set(i, keyNanos, lease);
  }

  private void siftDown(int i, long keyNanos, Lease lease) {
    while (true) {
      int first = i * ARITY + 1;
      if (first >= size) {
        break;
      }
      int smallest = first;
      long smallestKey = key(first);
      for (int child = first + 1; child < Math.min(first + ARITY, size); child++) {
        long childKey = key(child);
        if (childKey - smallestKey < 0) {
          smallest = child;
          smallestKey = childKey;
        }
      }
      if (keyNanos - smallestKey <= 0) {
        break;
      }
      set(i, smallestKey, lease(smallest));
      i = smallest;
    }
    set(i, keyNanos, lease);
  }

  /**
   * Gives chunks back, except one spare, so that a heap that breathes around a boundary does not
   * thrash.
   */
  private void releaseSpareChunks() {
    int spare = (size >> CHUNK_BITS) + 2;
    for (int i = spare; i < keys.length && keys[i] != null; i++) {
      keys[i] = null;
      leases[i] = null;
    }
  }
}
