package io.leasehold.core.lease;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The live leases by ID: open addressing over references, split into segments so that growing never
 * rehashes more than one segment at a time.
 *
 * <p>One writer, the apply thread. Readers on any thread take no lock: they see each lease from the
 * moment {@link #put} returns, and may for a moment still be handed one that was removed; such a
 * lease is marked gone.
 */
public final class LeaseTable {
  private static final int SEGMENT_BITS = 8;
  private static final int SEGMENTS = 1 << SEGMENT_BITS;
  private static final int SEGMENT_CAPACITY_MIN = 8;

  /** Slots in use, tombstones among them, stay below this share of the capacity. */
  private static final double LOAD_MAX = 0.7;

  /** Stands where a lease was removed, so that probes go on past it. */
  private static final Lease TOMBSTONE = new Lease(0, 1, 0);

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Lease[].class);

  private final Segment[] segments = new Segment[SEGMENTS];
  private volatile long size;

  public LeaseTable() {
    for (int i = 0; i < SEGMENTS; i++) {
      segments[i] = new Segment();
    }
  }

  /** Returns the live lease with this ID. Any thread. */
  public @Nullable Lease get(long leaseId) {
    long hash = mix(leaseId);
    return segments[segment(hash)].get(leaseId, hash);
  }

  /** Returns how many leases are alive. Any thread. */
  public long size() {
    return size;
  }

  /** Returns how many references the table has room for: what it costs beside the leases. */
  public long capacity() {
    long capacity = 0;
    for (Segment segment : segments) {
      capacity += segment.slots.length;
    }
    return capacity;
  }

  /** Adds a lease whose ID is not in the table. Apply thread only. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public void put(Lease lease) {
    long hash = mix(lease.id());
    segments[segment(hash)].put(lease, hash);
    size = size + 1;
  }

  /** Removes the lease with this ID, if there is one, and returns it. Apply thread only. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public @Nullable Lease remove(long leaseId) {
    long hash = mix(leaseId);
    Lease removed = segments[segment(hash)].remove(leaseId, hash);
    if (removed != null) {
      size = size - 1;
    }
    return removed;
  }

  /** Removes every lease. Apply thread only. */
  public void clear() {
    for (Segment segment : segments) {
      segment.clear();
    }
    size = 0;
  }

  /**
   * Calls the visitor for each live lease, in no particular order. On the apply thread it sees
   * exactly the leases alive; on another thread it may miss or repeat what changes meanwhile.
   */
  public void forEach(Consumer<Lease> visitor) {
    for (Segment segment : segments) {
      segment.forEach(visitor);
    }
  }

  private static int segment(long hash) {
    return (int) (hash >>> (Long.SIZE - SEGMENT_BITS));
  }

  /** The finalizer of SplitMix64: client-chosen IDs may be consecutive. */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  private static final class Segment {
    private volatile Lease[] slots = new Lease[SEGMENT_CAPACITY_MIN];
    private int live;
    private int used;

    @Nullable Lease get(long leaseId, long hash) {
      Lease[] current = slots;
      int mask = current.length - 1;
      for (int i = (int) hash & mask; ; i = (i + 1) & mask) {
        Lease lease = (Lease) SLOT.getAcquire(current, i);
        if (lease == null) {
          return null;
        }
        if (lease.id() == leaseId && lease != TOMBSTONE) {
          return lease;
        }
      }
    }

    void put(Lease lease, long hash) {
      if (used + 1 > slots.length * LOAD_MAX) {
        rebuild();
      }
      insert(slots, lease, hash);
      used++;
      live++;
    }

    @Nullable Lease remove(long leaseId, long hash) {
      Lease[] current = slots;
      int mask = current.length - 1;
      for (int i = (int) hash & mask; ; i = (i + 1) & mask) {
        Lease lease = current[i];
        if (lease == null) {
          return null;
        }
        if (lease.id() == leaseId && lease != TOMBSTONE) {
          SLOT.setRelease(current, i, TOMBSTONE);
          live--;
          if (live < current.length / 8 && current.length > SEGMENT_CAPACITY_MIN) {
            rebuild();
          }
          return lease;
        }
      }
    }

    void clear() {
      slots = new Lease[SEGMENT_CAPACITY_MIN];
      live = 0;
      used = 0;
    }

    void forEach(Consumer<Lease> visitor) {
      Lease[] current = slots;
      for (int i = 0; i < current.length; i++) {
        Lease lease = (Lease) SLOT.getAcquire(current, i);
        if (lease != null && lease != TOMBSTONE) {
          visitor.accept(lease);
        }
      }
    }

    /**
     * Moves the live leases into a table of fitting size; readers go on with the old one until it
     * is published.
     */
    private void rebuild() {
      int capacity = SEGMENT_CAPACITY_MIN;
      while (capacity * LOAD_MAX / 2 < live + 1) {
        capacity *= 2;
      }
      Lease[] old = slots;
      Lease[] next = new Lease[capacity];
      for (Lease lease : old) {
        if (lease != null && lease != TOMBSTONE) {
          insert(next, lease, mix(lease.id()));
        }
      }
      used = live;
      slots = next;
    }

    private static void insert(Lease[] into, Lease lease, long hash) {
      int mask = into.length - 1;
      int i = (int) hash & mask;
      while (into[i] != null) {
        i = (i + 1) & mask;
      }
      SLOT.setRelease(into, i, lease);
    }
  }
}
