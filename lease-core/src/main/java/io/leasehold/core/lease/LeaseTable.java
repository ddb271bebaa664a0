package io.leasehold.core.lease;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The live leases by ID: open addressing over references, split into segments that grow one after
 * the other, so that no lease waits for more than a small part of the table to be rebuilt.
 *
 * <p>One writer, the apply thread. Readers on any thread take no lock: they see each lease from the
 * moment {@link #put} returns, and may for a moment still be handed one that was removed; such a
 * lease is marked gone.
 *
 * <p>With them goes <i>lease time</i>: for how long leaders have kept leases, as far as the log
 * knows. Ends by checkpoints are moments of it, so that recording how far it has come brings all of
 * them nearer at once.
 */
public final class LeaseTable {
  private static final int SEGMENT_BITS = 8;
  private static final int SEGMENTS = 1 << SEGMENT_BITS;
  private static final int SEGMENT_CAPACITY_MIN = 8;

  /** Slots in use, tombstones among them, stay below this share of the capacity. */
  private static final double LOAD_MAX = 0.7;

  /**
   * By how much a segment grows. Slots that wait for leases cost as much as those that have one:
   * with this there are about 7 bytes of them to a lease, and no segment has more than 9.
   */
  private static final double GROWTH = 1.5;

  /** What a rebuilt segment has room for at least, as a multiple of what is in it. */
  private static final double ROOM_MIN = 1.2;

  /** A segment is rebuilt smaller when so few of its slots hold a lease. */
  private static final double LOAD_MIN = LOAD_MAX / GROWTH / 4;

  /** Stands where a lease was removed, so that probes go on past it. */
  private static final Lease TOMBSTONE = new Lease(0, 1, 0);

  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(Lease[].class);

  private final Segment[] segments = new Segment[SEGMENTS];
  private volatile long size;
  private volatile long timeMillis;
  private volatile long ageing;

  public LeaseTable() {
    // Segments fill evenly: would they have the same capacities, they would all grow at once.
    for (int i = 0; i < SEGMENTS; i++) {
      segments[i] = new Segment(SEGMENT_CAPACITY_MIN * Math.pow(GROWTH, (double) i / SEGMENTS));
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
    ageing = ageing + one(lease.endMillis());
  }

  /** Removes the lease with this ID, if there is one, and returns it. Apply thread only. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public @Nullable Lease remove(long leaseId) {
    long hash = mix(leaseId);
    Lease removed = segments[segment(hash)].remove(leaseId, hash);
    if (removed != null) {
      size = size - 1;
      ageing = ageing - one(removed.endMillis());
    }
    return removed;
  }

  /** Removes every lease, and puts lease time back to its beginning. Apply thread only. */
  public void clear() {
    for (Segment segment : segments) {
      segment.clear();
    }
    size = 0;
    ageing = 0;
    timeMillis = 0;
  }

  /** Returns how far lease time has come, in milliseconds. Any thread. */
  public long timeMillis() {
    return timeMillis;
  }

  /** Lets lease time come so far; it never goes back. Apply thread only. */
  public void timeReaches(long millis) {
    timeMillis = Math.max(timeMillis, millis);
  }

  /**
   * Returns how many leases have an end by a checkpoint, for which it matters how far lease time
   * has come. Any thread.
   */
  public long ageing() {
    return ageing;
  }

  /**
   * Records when a lease of this table ends by its checkpoint, in lease time; 0 for no checkpoint.
   * Apply thread only.
   */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public void recordEnd(Lease lease, long endMillis) {
    ageing = ageing - one(lease.endMillis()) + one(endMillis);
    lease.recordEnd(endMillis);
  }

  private static int one(long endMillis) {
    return endMillis == 0 ? 0 : 1;
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
    private final double capacityMin;
    private volatile Lease[] slots;
    private int live;
    private int used;

    /**
     * @param capacityMin what all its capacities are multiples of, by powers of {@link #GROWTH}
     */
    Segment(double capacityMin) {
      this.capacityMin = capacityMin;
      this.slots = new Lease[(int) capacityMin];
    }

    @Nullable Lease get(long leaseId, long hash) {
      Lease[] current = slots;
      for (int i = first(current, hash); ; i = next(current, i)) {
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
      for (int i = first(current, hash); ; i = next(current, i)) {
        Lease lease = current[i];
        if (lease == null) {
          return null;
        }
        if (lease.id() == leaseId && lease != TOMBSTONE) {
          SLOT.setRelease(current, i, TOMBSTONE);
          live--;
          if (live < current.length * LOAD_MIN && current.length > (int) capacityMin) {
            rebuild();
          }
          return lease;
        }
      }
    }

    void clear() {
      slots = new Lease[(int) capacityMin];
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
      double capacity = capacityMin;
      while (capacity * LOAD_MAX < (live + 1) * ROOM_MIN) {
        capacity *= GROWTH;
      }
      Lease[] old = slots;
      Lease[] next = new Lease[(int) capacity];
      for (Lease lease : old) {
        if (lease != null && lease != TOMBSTONE) {
          insert(next, lease, mix(lease.id()));
        }
      }
      used = live;
      slots = next;
    }

    private static void insert(Lease[] into, Lease lease, long hash) {
      int i = first(into, hash);
      while (into[i] != null) {
        i = next(into, i);
      }
      SLOT.setRelease(into, i, lease);
    }

    /** Scales the lower half of the hash, of which the segment took no part, to the capacity. */
    private static int first(Lease[] slots, long hash) {
      return (int) (((hash & 0xffff_ffffL) * slots.length) >>> Integer.SIZE);
    }

    private static int next(Lease[] slots, int i) {
      return i + 1 == slots.length ? 0 : i + 1;
    }
  }
}
