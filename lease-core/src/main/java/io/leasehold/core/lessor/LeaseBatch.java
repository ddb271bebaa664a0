package io.leasehold.core.lessor;

import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.lease.Lease;
import java.util.ArrayDeque;

/**
 * Leases gathered for one command, each with a number of nanoseconds: the deadline it had, or the
 * time it has left.
 *
 * <p>Confined to the owner thread; what {@link #take} returns is immutable.
 */
final class LeaseBatch {
  private record Item(Lease lease, long nanos) {}

  private final int max;
  private final ArrayDeque<Item> items = new ArrayDeque<>();
  private long latenessNanos;

  LeaseBatch(int max) {
    this.max = max;
  }

  int size() {
    return items.size();
  }

  boolean isEmpty() {
    return items.isEmpty();
  }

  boolean isFull() {
    return items.size() >= max;
  }

  void add(Lease lease, long nanos) {
    if (isFull()) {
      throw new IllegalStateException("the batch is full: " + max);
    }
    items.add(new Item(lease, nanos));
  }

  /** Adds a lease that must be kept even when it takes another command to carry it. */
  void addBeyondMax(Lease lease, long nanos) {
    items.add(new Item(lease, nanos));
  }

  /** Forgets the leases that have ended meanwhile. */
  void dropGone() {
    items.removeIf(item -> Lease.isGone(item.lease().word()));
  }

  /** Notes by how much one of the leases is late. */
  void noteLateness(long nanos) {
    latenessNanos = Math.max(latenessNanos, nanos);
  }

  long latenessNanos() {
    return latenessNanos;
  }

  /** Takes out as many leases as one command carries. */
  Taken take() {
    int count = Math.min(items.size(), max);
    Lease[] leases = new Lease[count];
    long[] nanos = new long[count];
    for (int i = 0; i < count; i++) {
      Item item = items.remove();
      leases[i] = item.lease();
      nanos[i] = item.nanos();
    }
    latenessNanos = 0;
    return new Taken(leases, nanos);
  }

  /** The leases of one command. */
  static final class Taken {
    private final Lease[] leases;
    private final long[] nanos;

    private Taken(Lease[] leases, long[] nanos) {
      this.leases = leases;
      this.nanos = nanos;
    }

    int size() {
      return leases.length;
    }

    Lease lease(int i) {
      return leases[i];
    }

    long nanos(int i) {
      return nanos[i];
    }

    LeaseIds leaseIds() {
      long[] ids = new long[leases.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = leases[i].id();
      }
      return LeaseIds.of(ids);
    }

    /**
     * Returns the times left in milliseconds, rounded up and at least 1, since 0 would mean "no
     * checkpoint".
     */
    Millis nanosAsMillisRoundedUp() {
      long[] millis = new long[nanos.length];
      for (int i = 0; i < millis.length; i++) {
        millis[i] = Math.max(1, (nanos[i] + 999_999) / 1_000_000);
      }
      return Millis.of(millis);
    }
  }
}
