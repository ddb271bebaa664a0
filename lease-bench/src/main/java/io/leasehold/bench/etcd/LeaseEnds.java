package io.leasehold.bench.etcd;

import com.google.protobuf.ByteString;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.bench.load.Latencies;
import java.util.concurrent.TimeUnit;

/**
 * How late leases end: one in so many carries a key, whose deletion a watcher sees. A lease is due
 * its TTL after its grant was sent. Members reckon from a little later, so what is measured holds
 * the time of the grant, and no end is ever early.
 *
 * <p>Filled on one event loop; {@link #seen} and what is asked for the wait may be read by any
 * thread, the figures when nothing more is awaited.
 */
public final class LeaseEnds {
  private final ByteString prefix;
  private final int seenEvery;
  private final long[] dueNanos;
  private final Latencies lateness = new Latencies();
  private long earliestNanos = Long.MAX_VALUE;
  private volatile int seen;
  private volatile long firstDueNanos;
  private volatile long lastDueNanos;
  private volatile long lastEndNanos;
  private boolean hasDue;

  /**
   * @param seenEvery 1 when all leases carry a key
   */
  public LeaseEnds(ByteString prefix, int count, int seenEvery) {
    this.prefix = prefix;
    this.seenEvery = seenEvery;
    this.dueNanos = new long[count];
  }

  boolean isSeen(int index) {
    return index % seenEvery == 0;
  }

  ByteString key(int index) {
    return prefix.concat(ByteString.copyFromUtf8(Integer.toString(index)));
  }

  /**
   * A lease was granted.
   *
   * @param sentNanos when its grant was sent
   */
  void granted(int index, long ttlSeconds, long sentNanos) {
    long due = sentNanos + TimeUnit.SECONDS.toNanos(ttlSeconds);
    dueNanos[index] = due;
    if (!hasDue || due - lastDueNanos > 0) {
      lastDueNanos = due;
    }
    if (!hasDue || due - firstDueNanos < 0) {
      firstDueNanos = due;
    }
    hasDue = true;
  }

  /** Takes what a watcher of the prefix sees. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  public void event(Event event, long nowNanos) {
    if (event.getType() != Event.EventType.DELETE) {
      return;
    }
    int index = Integer.parseInt(event.getKv().getKey().substring(prefix.size()).toStringUtf8());
    long late = nowNanos - dueNanos[index];
    earliestNanos = Math.min(earliestNanos, late);
    lateness.record(late);
    lastEndNanos = nowNanos;
    seen++;
  }

  /** How many ends are to be seen. */
  public int expected() {
    return (dueNanos.length + seenEvery - 1) / seenEvery;
  }

  public int seen() {
    return seen;
  }

  /** When the first lease was due, of those granted so far. */
  public long firstDueNanos() {
    return firstDueNanos;
  }

  public long lastDueNanos() {
    return lastDueNanos;
  }

  /** How long after the last lease was due the last end was seen, in seconds. */
  public double lastEndSeconds() {
    return (lastEndNanos - lastDueNanos) / 1e9;
  }

  public Latencies lateness() {
    return lateness;
  }

  /**
   * The least lateness, in milliseconds; negative when an end came before its time, which is wrong.
   */
  public double earliestMillis() {
    return seen == 0 ? Double.NaN : earliestNanos / 1e6;
  }
}
