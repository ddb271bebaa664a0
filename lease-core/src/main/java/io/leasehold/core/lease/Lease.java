package io.leasehold.core.lease;

import io.leasehold.core.command.Command;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lease in memory: its replicated record and, on the leader, its deadline.
 *
 * <p>The record (ID, TTL, the end by its checkpoint) is written by the apply thread. The deadline
 * is one volatile word that the lessor and the renewing threads change by compare-and-set, so that
 * a renewal, the decision to end the lease and the decision to checkpoint it exclude each other
 * without a lock.
 *
 * <p>Size on a 64-bit JVM with compressed references: 40 bytes, which is why the TTL is in two
 * pieces.
 */
public final class Lease {
  /*
   * The word: nanoseconds of the leader's clock with the three lowest bits used as flags. A deadline is rounded up to
   * a multiple of 8 ns, never down (rule S1).
   */
  private static final long FLAGS = 7;

  /** A revoke of this lease is being proposed: renewals wait for its outcome. */
  private static final long ENDING = 1;

  /** A checkpoint is on record or on its way: a renewal must clear it through the log (rule S5). */
  private static final long CHECKPOINTED = 2;

  /** No deadline: this member's lessor has not scheduled the lease, or the lease is gone. */
  private static final long UNSCHEDULED = 4;

  private static final long GONE_WORD = UNSCHEDULED | ENDING;
  private static final long UNSCHEDULED_WORD = UNSCHEDULED;

  /*
   * The packed field, written by the apply thread alone: the lowest bits hold the end, those above the part
   * of the TTL for which the field of its own is too narrow, and one tells whether keys were ever attached.
   */
  private static final int MILLIS_BITS = 44;

  private static final long END_MASK = (1L << MILLIS_BITS) - 1;

  /** The last moment of lease time at which a lease can end, in milliseconds: after 557 years. */
  public static final long END_MAX_MILLIS = END_MASK;

  private static final long TTL_HIGH_MASK =
      ((1L << (MILLIS_BITS - Integer.SIZE)) - 1) << MILLIS_BITS;
  private static final long MAY_HAVE_KEYS = 1L << (2 * MILLIS_BITS - Integer.SIZE);

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Lease.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long id;
  private final int ttlMillisLow;
  private volatile long packed;

  @SuppressWarnings("FieldMayBeFinal") // written through WORD
  private volatile long word = UNSCHEDULED_WORD;

  /**
   * @param endMillis see {@link #endMillis()}
   */
  public Lease(long id, long ttlMillis, long endMillis) {
    if (ttlMillis < 0 || ttlMillis > Command.TTL_MAX_MILLIS) {
      throw new IllegalArgumentException("a lease cannot last " + ttlMillis + " ms");
    }
    this.id = id;
    this.ttlMillisLow = (int) ttlMillis;
    this.packed = ((ttlMillis >>> Integer.SIZE) << MILLIS_BITS) | endInRange(endMillis);
  }

  private static long endInRange(long millis) {
    if (millis < 0 || millis > END_MAX_MILLIS) {
      throw new IllegalArgumentException("a lease cannot end after " + millis + " ms");
    }
    return millis;
  }

  public long id() {
    return id;
  }

  public long ttlMillis() {
    return ttlMillis(packed);
  }

  private long ttlMillis(long packedNow) {
    long high = ((packedNow & TTL_HIGH_MASK) >>> MILLIS_BITS) << Integer.SIZE;
    return high | Integer.toUnsignedLong(ttlMillisLow);
  }

  public long ttlNanos() {
    return ttlMillis() * 1_000_000;
  }

  /**
   * Returns the moment of lease time ({@link LeaseTable#timeMillis}) at which the lease ends by its
   * checkpoint; 0 when none is on record.
   */
  public long endMillis() {
    return packed & END_MASK;
  }

  /**
   * Tells whether a key may be attached to the lease; false when none ever was. Apply thread only.
   */
  public boolean mayHaveKeys() {
    return (packed & MAY_HAVE_KEYS) != 0;
  }

  /** Notes that a key is, or may be, attached to the lease. Apply thread only. */
  public void noteKeys() {
    packed = packed | MAY_HAVE_KEYS;
  }

  /**
   * Returns what a new leader would have to go by: what is left until the end by the checkpoint,
   * nothing at worst, else the full TTL.
   *
   * @param timeMillis how far lease time has come
   */
  public long replicatedRemainingNanos(long timeMillis) {
    long now = packed;
    long end = now & END_MASK;
    return (end == 0 ? ttlMillis(now) : Math.max(0, end - timeMillis)) * 1_000_000;
  }

  /** Apply thread only, through the {@link LeaseTable}, which counts those with an end. */
  void recordEnd(long millis) {
    packed = (packed & ~END_MASK) | endInRange(millis);
  }

  // The word. Reading and judging happen on one value of it, so it is handed around.

  /**
   * Returns the current word, to be judged with the static methods and changed with {@link
   * #compareAndSetWord}.
   */
  public long word() {
    return word;
  }

  public boolean compareAndSetWord(long expected, long update) {
    return WORD.compareAndSet(this, expected, update);
  }

  /**
   * Sets the deadline without regard to what was there. Apply thread only, at grant and promotion.
   */
  public void schedule(long deadlineNanos, boolean checkpointed) {
    word = wordOf(deadlineNanos, checkpointed);
  }

  /** Sets the first deadline, of a lease that may be about to end already. Apply thread only. */
  public void scheduleNew(long deadlineNanos, boolean ending) {
    long first = wordOf(deadlineNanos, false);
    word = ending ? ending(first) : first;
  }

  /** Marks the lease as gone, whatever was under way. Apply thread only. */
  public void markGone() {
    word = GONE_WORD;
  }

  /** Forgets the deadline. Apply thread only. */
  public void unschedule() {
    word = UNSCHEDULED_WORD;
  }

  public static long wordOf(long deadlineNanos, boolean checkpointed) {
    long rounded = (deadlineNanos + FLAGS) & ~FLAGS;
    return checkpointed ? rounded | CHECKPOINTED : rounded;
  }

  public static boolean isGone(long word) {
    return word == GONE_WORD;
  }

  public static boolean isScheduled(long word) {
    return (word & UNSCHEDULED) == 0;
  }

  public static boolean isEnding(long word) {
    return (word & ENDING) != 0;
  }

  public static boolean isCheckpointed(long word) {
    return (word & CHECKPOINTED) != 0;
  }

  public static long ending(long word) {
    return word | ENDING;
  }

  public static long notEnding(long word) {
    return word & ~ENDING;
  }

  public static long checkpointed(long word) {
    return word | CHECKPOINTED;
  }

  /**
   * Returns the same flags with the deadline moved to {@code deadlineNanos}, or the word itself
   * when that is earlier.
   */
  public static long extended(long word, long deadlineNanos) {
    long rounded = (deadlineNanos + FLAGS) & ~FLAGS;
    return rounded - deadlineNanos(word) <= 0 ? word : rounded | (word & FLAGS);
  }

  /** Returns the word without the mark of a checkpoint. */
  public static long cleared(long word) {
    return word & ~CHECKPOINTED;
  }

  /** Returns the deadline; meaningful only when {@link #isScheduled}. */
  public static long deadlineNanos(long word) {
    return word & ~FLAGS;
  }
}
