package io.leasehold.client.internal.keepalive;

import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LossReason;
import io.leasehold.client.internal.time.NanoClock;
import io.leasehold.client.internal.time.RandomSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which lease is renewed when, and what is believed of it.
 *
 * <p>One stream carries the renewals of all leases, at most one in flight for each. A renewal is
 * sent a third of the TTL after the one before it, a little earlier by chance, and counts from when
 * it was <em>sent</em>. A stream that fails, or is silent although answers are due, is replaced by
 * one to another member, which carries all that was in flight again, the shortest deadline first.
 * How many leases travel in one message is the stream's business.
 *
 * <p>Confined to the owner thread. Reads the clock once for each call. Nothing here blocks or
 * throws.
 */
public final class KeepAliveEngine {
  /** The stream of renewals. Whoever implements it reports with the number of the stream. */
  public interface Stream {
    /** Opens stream {@code number}, to the next member if the last one did not do. */
    void open(long number, boolean isElsewhere);

    /** Returns whether a renewal would leave at once. */
    boolean isReady();

    /**
     * Sends a renewal, or gathers it until {@link #flush}.
     *
     * @param ttlNanos the lease's TTL as the last answer had it; {@link #TTL_UNKNOWN} when none did
     */
    void renew(long leaseId, long ttlNanos);

    /** Sends what was gathered. */
    void flush();

    /** Ends the stream; nothing is reported of it any more. */
    void close();
  }

  /** Wakes the engine by {@link #wake} at an instant, instead of what was asked before. */
  public interface Alarm {
    void setAt(long nanos);
  }

  /** Hears the events of all leases, on the owner thread. */
  public interface Audience {
    void tell(Kept kept, LeaseEvent event);
  }

  /** Stands for the TTL of a lease that has to be learnt. */
  public static final long TTL_UNKNOWN = 0;

  /** How soon a renewal is asked for again that the cluster could not decide in time. */
  private static final long AGAIN_NANOS = Duration.ofMillis(50).toNanos();

  /** Answers that stay out this long, at most, make a stream suspect. */
  private static final long SILENCE_MAX_NANOS = Duration.ofSeconds(3).toNanos();

  /** A leader under load may take this long to answer. */
  private static final long SILENCE_MIN_NANOS = Duration.ofMillis(250).toNanos();

  /** So much of the shortest TTL may pass in silence; leaves room for two more members. */
  private static final int SILENCE_SHARE_OF_TTL = 4;

  private static final long REOPEN_FIRST_NANOS = Duration.ofMillis(20).toNanos();
  private static final long REOPEN_MAX_NANOS = Duration.ofMillis(500).toNanos();
  private static final int REOPEN_DOUBLINGS_MAX = 5;

  /** Renewals come up to this share of their interval early, so that they spread. */
  private static final double JITTER_SHARE = 0.2;

  /** Waking this much late means that the process was paused, and its sockets with it. */
  private static final long STALL_NANOS = Duration.ofMillis(100).toNanos();

  private final NanoClock clock;
  private final RandomSource random;
  private final DeadlineRule rule;
  private final Stream stream;
  private final Alarm alarm;
  private final Audience audience;
  private final RenewalCounters counters;

  private final Map<Long, Kept> leases = new HashMap<>();
  private final RenewalWheel wheel;
  private final ArrayDeque<Kept> ready = new ArrayDeque<>();

  /**
   * Leases that were given up while a renewal was in flight whose answer may come yet. Whoever
   * keeps such a lease next waits for it: it tells of a time before anything was sent for them.
   */
  private final Set<Long> answersAwaited = new HashSet<>();

  private long streamNumber;
  private boolean isOpen;
  private boolean isReopening;
  private boolean isClosed;
  private long reopenNanos;
  private int failures;
  private int inFlight;
  private long progressNanos;
  private long shortestTtlNanos = Long.MAX_VALUE;
  private boolean isAlarmSet;
  private long alarmNanos;

  public KeepAliveEngine(
      NanoClock clock,
      RandomSource random,
      DeadlineRule rule,
      Stream stream,
      Alarm alarm,
      Audience audience,
      RenewalCounters counters) {
    this.clock = clock;
    this.random = random;
    this.rule = rule;
    this.stream = stream;
    this.alarm = alarm;
    this.audience = audience;
    this.counters = counters;
    this.wheel = new RenewalWheel(clock.nanoTime());
  }

  /** Starts renewing a lease. */
  public void keep(Kept kept) {
    long now = clock.nanoTime();
    if (isClosed) {
      lose(kept, LossReason.CLOSED);
      return;
    }
    Kept before = leases.put(kept.id, kept);
    if (before != null) {
      letGo(before);
    }
    counters.kept(leases.size());
    kept.isKept = true;
    shortestTtlNanos = Math.min(shortestTtlNanos, kept.ttlNanos);
    kept.nextSendNanos = kept.isConfirmed() ? kept.sentNanos + interval(kept) : now;
    if (!isOpen && !isReopening) {
      open(now, false);
    }
    if (answersAwaited.remove(kept.id)) {
      kept.isInFlight = true;
      kept.isAnothersInFlight = true;
      inFlight++;
    }
    attend(kept, now);
    pump(now);
    setAlarm(now);
  }

  /** Stops renewing a lease. */
  public void drop(Kept kept) {
    if (kept.isKept) {
      lose(kept, LossReason.CLOSED);
      closeIdleStream();
    }
  }

  /** Notes that this client has ended a lease. */
  public void revoked(long leaseId) {
    Kept kept = leases.get(leaseId);
    if (kept != null) {
      lose(kept, LossReason.REVOKED);
      closeIdleStream();
    }
  }

  /**
   * Takes the answer that a lease was renewed.
   *
   * @param ttlNanos for how long it lives, at least, from when the renewal was sent
   * @param isExact whether that is the lease's own TTL, and not one of other leases too
   */
  public void renewed(long number, long leaseId, long ttlNanos, boolean isExact) {
    long now = clock.nanoTime();
    Kept kept = answered(number, leaseId, now);
    if (kept == null) {
      return;
    }
    long ttl = Math.min(ttlNanos, DeadlineRule.TTL_MAX_NANOS);
    if (!kept.renewed(ttl, rule, now)) {
      lose(kept, kept.reasonOfSilence());
      closeIdleStream();
      return;
    }
    kept.isTtlKnown = isExact;
    counters.answered(now - kept.sentNanos);
    shortestTtlNanos = Math.min(shortestTtlNanos, ttl);
    kept.nextSendNanos = kept.sentNanos + interval(kept);
    if (kept.isAtRisk() && now - kept.riskNanos() < 0) {
      kept.isAtRisk(false);
      audience.tell(kept, new LeaseEvent.Recovered(kept.id));
    }
    audience.tell(kept, new LeaseEvent.Renewed(kept.id, Duration.ofNanos(ttl)));
    attend(kept, now);
    setAlarm(now);
  }

  /** Takes the answer that there is no such lease. */
  public void notFound(long number, long leaseId) {
    long now = clock.nanoTime();
    Kept kept = answered(number, leaseId, now);
    if (kept != null) {
      // The cluster ends nothing early, so somebody did.
      boolean isEarly = kept.isConfirmed() && !kept.isLost(now);
      lose(kept, isEarly ? LossReason.REVOKED : LossReason.EXPIRED);
      closeIdleStream();
    }
  }

  /** Takes the answer that nothing can be said of a lease yet; it is asked for again soon. */
  public void undecided(long number, long leaseId) {
    long now = clock.nanoTime();
    Kept kept = answered(number, leaseId, now);
    if (kept != null) {
      kept.nextSendNanos = now + AGAIN_NANOS;
      attend(kept, now);
      setAlarm(now);
    }
  }

  /** Notes an answer; returns the lease if the answer is one to the renewal in flight. */
  private @Nullable Kept answered(long number, long leaseId, long now) {
    if (number != streamNumber || !isOpen) {
      return null;
    }
    progressNanos = now;
    failures = 0;
    Kept kept = leases.get(leaseId);
    if (kept == null || !kept.isInFlight) {
      answersAwaited.remove(leaseId);
      return null;
    }
    kept.isInFlight = false;
    inFlight--;
    if (kept.isAnothersInFlight) {
      kept.isAnothersInFlight = false;
      attend(kept, now);
      pump(now);
      setAlarm(now);
      return null;
    }
    return kept;
  }

  /** Sends nothing more for somebody, and remembers if an answer may come yet. */
  private void letGo(Kept kept) {
    kept.isQueued = false;
    if (kept.isInFlight) {
      kept.isInFlight = false;
      kept.isAnothersInFlight = false;
      inFlight--;
      answersAwaited.add(kept.id);
    }
  }

  /** Notes that a stream can take more. */
  public void writable(long number) {
    if (number == streamNumber && isOpen) {
      long now = clock.nanoTime();
      pump(now);
      setAlarm(now);
    }
  }

  /** Notes that a stream has ended by itself. */
  public void ended(long number) {
    if (number == streamNumber && isOpen) {
      long now = clock.nanoTime();
      streamFailed(now);
      setAlarm(now);
    }
  }

  /**
   * Notes that a member cannot take renewals in the way in which a stream carries them. The stream
   * to it is opened again at once, in another way, and carries again what was in flight.
   */
  public void unsupported(long number) {
    if (number == streamNumber && isOpen) {
      long now = clock.nanoTime();
      queueWhatWasInFlight(now);
      open(now, false);
      pump(now);
      setAlarm(now);
    }
  }

  /** Does what is due. */
  public void wake() {
    long now = clock.nanoTime();
    if (isAlarmSet && now - alarmNanos > STALL_NANOS) {
      // What arrived during the pause has not been read yet.
      progressNanos += now - alarmNanos;
    }
    isAlarmSet = false;
    wheel.advance(now, kept -> attend(kept, now));
    if (isReopening && now - reopenNanos >= 0) {
      open(now, true);
    }
    if (isSilent(now)) {
      stream.close();
      streamFailed(now);
    }
    closeIdleStream();
    pump(now);
    setAlarm(now);
  }

  /** Gives all leases up as {@link LossReason#CLOSED}, and takes no more. */
  public void close() {
    isClosed = true;
    for (Kept kept : List.copyOf(leases.values())) {
      lose(kept, LossReason.CLOSED);
    }
    closeIdleStream();
  }

  /** Judges a lease, queues its renewal if that is due, and finds when to look again. */
  private void attend(Kept kept, long now) {
    if (kept.isLost(now)) {
      lose(kept, kept.reasonOfSilence());
      return;
    }
    long until = kept.untilNanos(now);
    if (!kept.isAtRisk() && now - kept.riskNanos() >= 0) {
      kept.isAtRisk(true);
      audience.tell(kept, new LeaseEvent.AtRisk(kept.id, Duration.ofNanos(until - now)));
      giveUpStreamThatForgot(kept, now);
    }
    if (!kept.isInFlight && !kept.isQueued && now - kept.nextSendNanos >= 0) {
      if (inFlight == 0 && ready.isEmpty()) {
        // Silence counts from when there is something to be heard of.
        progressNanos = now;
      }
      kept.isQueued = true;
      ready.add(kept);
    }
    long due = until;
    if (!kept.isAtRisk()) {
      due = earlier(due, kept.riskNanos());
    }
    if (!kept.isInFlight && !kept.isQueued) {
      due = earlier(due, kept.nextSendNanos);
    }
    wheel.put(kept, due);
  }

  /** A stream that answers others but not this lease is no good to it. */
  private void giveUpStreamThatForgot(Kept kept, long now) {
    if (isOpen && kept.isInFlight && now - kept.sentNanos > silenceNanos()) {
      stream.close();
      streamFailed(now);
    }
  }

  private void pump(long now) {
    while (isOpen && !ready.isEmpty() && stream.isReady()) {
      Kept kept = ready.remove();
      if (!kept.isQueued) {
        continue;
      }
      kept.isQueued = false;
      kept.isInFlight = true;
      kept.sentNanos = now;
      inFlight++;
      counters.sent();
      stream.renew(kept.id, kept.isTtlKnown ? kept.ttlNanos : TTL_UNKNOWN);
    }
    if (isOpen) {
      stream.flush();
    }
  }

  private void open(long now, boolean isElsewhere) {
    isReopening = false;
    isOpen = true;
    streamNumber++;
    progressNanos = now;
    counters.opened();
    stream.open(streamNumber, isElsewhere);
  }

  private void streamFailed(long now) {
    isOpen = false;
    queueWhatWasInFlight(now);
    isReopening = true;
    reopenNanos = now + backoffNanos();
    failures++;
  }

  private void queueWhatWasInFlight(long now) {
    List<Kept> again = new ArrayList<>(inFlight);
    for (Kept kept : leases.values()) {
      if (kept.isInFlight) {
        kept.isInFlight = false;
        kept.isAnothersInFlight = false;
        kept.isQueued = true;
        again.add(kept);
      }
    }
    inFlight = 0;
    answersAwaited.clear();
    again.addAll(ready);
    ready.clear();
    again.removeIf(kept -> !kept.isQueued);
    again.sort(Comparator.comparingLong(kept -> kept.riskNanos() - now));
    ready.addAll(again);
  }

  private long backoffNanos() {
    long most =
        Math.min(REOPEN_MAX_NANOS, REOPEN_FIRST_NANOS << Math.min(failures, REOPEN_DOUBLINGS_MAX));
    return (long) (most * (0.5 + random.nextShare() / 2));
  }

  private boolean isWaiting() {
    return isOpen && (inFlight > 0 || !ready.isEmpty());
  }

  private boolean isSilent(long now) {
    return isWaiting() && now - progressNanos >= silenceNanos();
  }

  private long silenceNanos() {
    return Math.max(
        SILENCE_MIN_NANOS, Math.min(SILENCE_MAX_NANOS, shortestTtlNanos / SILENCE_SHARE_OF_TTL));
  }

  private void closeIdleStream() {
    if (!leases.isEmpty()) {
      return;
    }
    if (isOpen) {
      stream.close();
    }
    isOpen = false;
    isReopening = false;
    failures = 0;
    inFlight = 0;
    answersAwaited.clear();
    ready.clear();
    shortestTtlNanos = Long.MAX_VALUE;
  }

  private void lose(Kept kept, LossReason reason) {
    letGo(kept);
    kept.isKept = false;
    wheel.remove(kept);
    boolean unused = leases.remove(kept.id, kept);
    kept.lost(reason);
    counters.lost(leases.size(), reason);
    audience.tell(kept, new LeaseEvent.Lost(kept.id, reason));
  }

  private long interval(Kept kept) {
    return (long) (kept.ttlNanos / 3.0 * (1 - JITTER_SHARE * random.nextShare()));
  }

  private void setAlarm(long now) {
    boolean isNeeded = false;
    long at = 0;
    if (!wheel.isEmpty()) {
      at = wheel.nextNanos();
      isNeeded = true;
    }
    if (isReopening) {
      at = isNeeded ? earlier(at, reopenNanos) : reopenNanos;
      isNeeded = true;
    }
    if (isWaiting()) {
      long suspect = progressNanos + silenceNanos();
      at = isNeeded ? earlier(at, suspect) : suspect;
      isNeeded = true;
    }
    if (isNeeded && !(isAlarmSet && alarmNanos - at <= 0 && alarmNanos - now > 0)) {
      isAlarmSet = true;
      alarmNanos = at;
      alarm.setAt(at);
    }
  }

  private static long earlier(long one, long other) {
    return one - other < 0 ? one : other;
  }
}
