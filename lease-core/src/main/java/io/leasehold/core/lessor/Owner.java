package io.leasehold.core.lessor;

import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.time.NanoClock;
import java.util.ArrayDeque;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What the parts of one lessor share: its term, its ports, and the inbox through which every other
 * thread reaches the owner thread.
 */
final class Owner {
  final long term;
  final LessorConfig config;
  final LeaseTable leases;
  final NanoClock clock;
  final CommandLog log;
  final LessorObserver observer;
  private final Runnable wakeUp;
  private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
  private final ArrayDeque<Runnable> repeats = new ArrayDeque<>();
  private volatile boolean demoted;

  /** Lease time when this lessor was promoted, and the instant from which it goes on from there. */
  private long timeAtPromotionMillis;

  private long timeGoesOnAtNanos;

  Owner(
      long term,
      LessorConfig config,
      LeaseTable leases,
      NanoClock clock,
      CommandLog log,
      LessorObserver observer,
      Runnable wakeUp) {
    this.term = term;
    this.config = config;
    this.leases = leases;
    this.clock = clock;
    this.log = log;
    this.observer = observer;
    this.wakeUp = wakeUp;
  }

  /**
   * Begins to count lease time, from what is on record. Apply thread, before the first tick.
   *
   * @param goesOnAtNanos when the extra time is over that each lease was given
   */
  void promoted(long goesOnAtNanos) {
    timeAtPromotionMillis = leases.timeMillis();
    timeGoesOnAtNanos = goesOnAtNanos;
  }

  /**
   * Returns how far lease time has come, never too far: what is left of a lease at that moment is
   * never less than what it has in truth. Owner thread only.
   */
  long leaseTimeMillis(long nowNanos) {
    return timeAtPromotionMillis + Math.max(0, nowNanos - timeGoesOnAtNanos) / 1_000_000;
  }

  /**
   * Returns the last instant up to now at which {@link #leaseTimeMillis} of now was true to the
   * nanosecond, or now when it stands still: what a lease has left is counted from there.
   */
  long leaseTimeInstant(long nowNanos) {
    return nowNanos - Math.max(0, nowNanos - timeGoesOnAtNanos) % 1_000_000;
  }

  boolean isDemoted() {
    return demoted;
  }

  void demote() {
    demoted = true;
    wakeUp.run();
  }

  /** Hands a message to the owner thread, or runs {@code otherwise} when there is none any more. */
  void post(Runnable message, Runnable otherwise) {
    if (demoted) {
      otherwise.run();
      return;
    }
    inbox.add(message);
    if (demoted && inbox.remove(message)) {
      // The owner's last tick may already be over; if it was not, it has taken the message.
      otherwise.run();
      return;
    }
    wakeUp.run();
  }

  /** Hands an answer of the log to the owner thread. After demotion nobody needs it. */
  void answer(Runnable message) {
    inbox.add(message);
    wakeUp.run();
  }

  /** Leaves a message for the next tick, whenever that is. */
  void leave(Runnable message) {
    inbox.add(message);
  }

  void wakeUp() {
    wakeUp.run();
  }

  boolean hasMessages() {
    return !inbox.isEmpty();
  }

  /** Puts a message off to the next tick. Owner thread only. */
  void repeat(Runnable message) {
    repeats.add(message);
  }

  boolean hasRepeats() {
    return !repeats.isEmpty();
  }

  /** Owner thread only. */
  void drainInbox() {
    for (int i = repeats.size(); i > 0; i--) {
      repeats.remove().run();
    }
    for (Runnable message = inbox.poll(); message != null; message = inbox.poll()) {
      message.run();
    }
  }
}
