package io.leasehold.client.internal.keepalive;

import java.time.Duration;
import java.util.BitSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A timing wheel of leases by when they next need attention. What falls into one tick comes up
 * together, so that renewals travel packed.
 *
 * <p>Entries are never handed out before they are due, except those further off than one turn: they
 * come up once a turn, and the caller puts them back. Each operation takes constant time. Instants
 * are nanoseconds of one clock. Confined to the owner thread.
 */
final class RenewalWheel {
  static final long TICK_NANOS = Duration.ofMillis(10).toNanos();

  /** One turn is 20 s: most renewals are due within it. */
  static final int SLOTS = 2048;

  private final Kept[] heads = new Kept[SLOTS];
  private final BitSet occupied = new BitSet(SLOTS);
  private final long originNanos;

  /** The last tick that was handed out. */
  private long cursor;

  RenewalWheel(long nowNanos) {
    this.originNanos = nowNanos;
  }

  boolean isEmpty() {
    return occupied.isEmpty();
  }

  /** Puts a lease where it comes up at an instant, from wherever it was. */
  void put(Kept kept, long dueNanos) {
    remove(kept);
    long sinceOrigin = Math.max(0, dueNanos - originNanos);
    long tick = (sinceOrigin + TICK_NANOS - 1) / TICK_NANOS;
    int slot = (int) (Math.min(Math.max(tick, cursor + 1), cursor + SLOTS - 1) % SLOTS);
    @Nullable Kept head = heads[slot];
    kept.next = head;
    if (head != null) {
      head.previous = kept;
    }
    heads[slot] = kept;
    kept.slot = slot;
    occupied.set(slot);
  }

  /** Takes a lease out, if it is in. */
  void remove(Kept kept) {
    if (kept.slot == Kept.NOWHERE) {
      return;
    }
    Kept before = kept.previous;
    Kept after = kept.next;
    if (before != null) {
      before.next = after;
    } else {
      heads[kept.slot] = after;
      if (after == null) {
        occupied.clear(kept.slot);
      }
    }
    if (after != null) {
      after.previous = before;
    }
    kept.previous = null;
    kept.next = null;
    kept.slot = Kept.NOWHERE;
  }

  /** Takes out what is due at an instant and hands it over; the receiver may put it back. */
  void advance(long nowNanos, Consumer<Kept> due) {
    long target = (nowNanos - originNanos) / TICK_NANOS;
    if (target - cursor > SLOTS) {
      cursor = target - SLOTS;
    }
    while (cursor < target) {
      long next = nextTick();
      if (next == NONE || next > target) {
        cursor = target;
        return;
      }
      cursor = next;
      int slot = (int) (cursor % SLOTS);
      for (@Nullable Kept kept; (kept = heads[slot]) != null; ) {
        remove(kept);
        due.accept(kept);
      }
    }
  }

  /** Returns when something may be due next; the wheel must not be empty. */
  long nextNanos() {
    long next = nextTick();
    if (next == NONE) {
      throw new IllegalStateException("the wheel is empty");
    }
    return originNanos + next * TICK_NANOS;
  }

  private static final long NONE = -1;

  private long nextTick() {
    int from = (int) ((cursor + 1) % SLOTS);
    int slot = occupied.nextSetBit(from);
    if (slot < 0) {
      slot = occupied.nextSetBit(0);
    }
    return slot < 0 ? NONE : cursor + 1 + Math.floorMod(slot - from, SLOTS);
  }
}
