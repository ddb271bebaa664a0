package io.leasehold.bench.load;

import io.grpc.Status;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened in a span of time: what was done and how long it took, what failed. Confined to the
 * event loop that fills it, until it is handed over.
 */
public final class Account {
  private final Latencies latencies = new Latencies();
  private final Map<String, Latencies> series = new TreeMap<>();
  private final Map<Status.Code, Long> errors = new EnumMap<>(Status.Code.class);
  private final long begunNanos;
  private long lastNanos;
  private long longestGapNanos;
  private String firstError = "";
  private double seconds;

  /** An empty one, to add others to. */
  public Account() {
    this(0);
  }

  /**
   * @param begunNanos when its span begins
   */
  Account(long begunNanos) {
    this.begunNanos = begunNanos;
    this.lastNanos = begunNanos;
  }

  /** One operation more. */
  void done(long nanos, long nowNanos) {
    latencies.record(nanos);
    passedUntil(nowNanos);
  }

  private void passedUntil(long nowNanos) {
    longestGapNanos = Math.max(longestGapNanos, nowNanos - lastNanos);
    lastNanos = nowNanos;
  }

  void failed(Status.Code code, String message) {
    errors.merge(code, 1L, Long::sum);
    if (firstError.isEmpty()) {
      firstError = code + ": " + message;
    }
  }

  /** Something that is measured beside whole operations. */
  void record(String name, long nanos) {
    series.computeIfAbsent(name, any -> new Latencies()).record(nanos);
  }

  void endAt(long nowNanos) {
    passedUntil(nowNanos);
    seconds = (nowNanos - begunNanos) / 1e9;
  }

  /** Adds what happened in a span that follows. */
  public void append(Account later) {
    longestGapNanos = Math.max(longestGapNanos, later.longestGapNanos);
    seconds += later.seconds;
    count(later);
  }

  /** Adds what happened elsewhere in the same span. */
  public void add(Account other) {
    // While anybody was done with something, there was no gap.
    longestGapNanos =
        seconds == 0 ? other.longestGapNanos : Math.min(longestGapNanos, other.longestGapNanos);
    seconds = Math.max(seconds, other.seconds);
    count(other);
  }

  private void count(Account other) {
    latencies.add(other.latencies);
    other.series.forEach(
        (name, values) -> series.computeIfAbsent(name, any -> new Latencies()).add(values));
    other.errors.forEach((code, count) -> errors.merge(code, count, Long::sum));
    if (firstError.isEmpty()) {
      firstError = other.firstError;
    }
  }

  public long operations() {
    return latencies.count();
  }

  public double seconds() {
    return seconds;
  }

  public double perSecond() {
    return seconds == 0 ? 0 : operations() / seconds;
  }

  /** The longest time in which nothing was done, in milliseconds. */
  public double longestGapMillis() {
    return longestGapNanos / 1e6;
  }

  public Latencies latencies() {
    return latencies;
  }

  public Map<String, Latencies> series() {
    return series;
  }

  public Map<Status.Code, Long> errors() {
    return errors;
  }

  public long errorCount() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Says what failed first; empty when nothing did. */
  public String firstError() {
    return firstError;
  }
}
