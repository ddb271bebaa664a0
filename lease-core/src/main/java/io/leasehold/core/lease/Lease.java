package io.leasehold.core.lease;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A lease in memory: its replicated record and, on the leader, its deadline.
 *
 * <p>The record (ID, TTL, checkpointed remaining time) is written by the apply thread. The deadline
 * is one volatile word that the lessor and the renewing threads change by compare-and-set, so that
 * a renewal, the decision to end the lease and the decision to checkpoint it exclude each other
 * without a lock.
 *
 * <p>Size on a 64-bit JVM with compressed references: 48 bytes.
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

  private static final VarHandle WORD;

  static {
    try {
      WORD = MethodHandles.lookup().findVarHandle(Lease.class, "word", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long id;
  private final long ttlMillis;
  private volatile long remainingMillis;

  @SuppressWarnings("FieldMayBeFinal") // written through WORD
  private volatile long word = UNSCHEDULED_WORD;

  public Lease(long id, long ttlMillis, long remainingMillis) {
    this.id = id;
    this.ttlMillis = ttlMillis;
    this.remainingMillis = remainingMillis;
  }

  public long id() {
    return id;
  }

  public long ttlMillis() {
    return ttlMillis;
  }

  public long ttlNanos() {
    return ttlMillis * 1_000_000;
  }

  /** Returns the checkpointed remaining time in milliseconds; 0 when none is on record. */
  public long remainingMillis() {
    return remainingMillis;
  }

  /**
   * Returns what a new leader would have to go by: the checkpointed remaining time, else the full
   * TTL.
   */
  public long replicatedRemainingNanos() {
    long remaining = remainingMillis;
    return (remaining == 0 ? ttlMillis : remaining) * 1_000_000;
  }

  /** Apply thread only. */
  public void recordRemaining(long millis) {
    remainingMillis = millis;
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
