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
  private String firstError = "";
  private double seconds;

  /** One operation more. */
  void done(long nanos) {
    latencies.record(nanos);
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

  void endAfter(double spanSeconds) {
    seconds = spanSeconds;
  }

  /** Adds what happened elsewhere in the same span. */
  void add(Account other) {
    latencies.add(other.latencies);
    other.series.forEach(
        (name, values) -> series.computeIfAbsent(name, any -> new Latencies()).add(values));
    other.errors.forEach((code, count) -> errors.merge(code, count, Long::sum));
    if (firstError.isEmpty()) {
      firstError = other.firstError;
    }
    seconds = Math.max(seconds, other.seconds);
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
