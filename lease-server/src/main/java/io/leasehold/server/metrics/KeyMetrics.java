package io.leasehold.server.metrics;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What is counted and timed of requests on keys. No metric carries a key. Any thread. */
public final class KeyMetrics implements KeyListener {

  /** The calls there are. */
  public enum Call {
    RANGE,
    PUT,
    DELETE_RANGE,
    TXN,
    COMPACT;

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How a call ended. */
  public enum Result {
    ANSWERED,
    /** For what the request, the key space or an alarm says. */
    REFUSED,
    /** For want of a leader, time or room for more requests. */
    FAILED;

    private String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Map<Call, Map<Result, Counter>> requests = new EnumMap<>(Call.class);
  private final Map<Call, Timer> durations = new EnumMap<>(Call.class);
  private final Counter putEvents;
  private final Counter deleteEvents;

  public KeyMetrics(MeterRegistry registry) {
    for (Call call : Call.values()) {
      Map<Result, Counter> byResult = new EnumMap<>(Result.class);
      for (Result result : Result.values()) {
        byResult.put(
            result,
            Counter.builder("leasehold.key.requests")
                .tag("rpc", call.label())
                .tag("result", result.label())
                .description("Requests on keys answered by this member, by how.")
                .register(registry));
      }
      requests.put(call, byResult);
      durations.put(
          call,
          Timer.builder("leasehold.key.request.duration")
              .tag("rpc", call.label())
              .description("Time from the arrival of a request on keys to its answer.")
              .serviceLevelObjectives(ServerMetrics.ANSWER_BUCKETS)
              .register(registry));
    }
    this.putEvents = events(registry, "put");
    this.deleteEvents = events(registry, "delete");
  }

  private static Counter events(MeterRegistry registry, String type) {
    return Counter.builder("leasehold.key.events")
        .tag("type", type)
        .description(
            "Keys written and deleted, as applied by this member, but for those that a lease with"
                + " many keys takes along.")
        .register(registry);
  }

  /** A request was answered. */
  public void answered(Call call, Result result, long nanos) {
    Counter counter = requests.getOrDefault(call, Map.of()).get(result);
    if (counter != null) {
      counter.increment();
    }
    Timer timer = durations.get(call);
    if (timer != null) {
      timer.record(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void changed(long revision, List<KeyEvent> events) {
    int puts = 0;
    for (KeyEvent event : events) {
      if (event instanceof KeyEvent.Put) {
        puts++;
      }
    }
    putEvents.increment(puts);
    deleteEvents.increment(events.size() - puts);
  }

  @Override
  public void deletedAttached(long revision, long leaseId) {
    // Nobody knows yet how many: the state's figure of swept keys tells.
  }

  @Override
  public void compacted(long revision) {
    // The gauge of the compacted revision tells.
  }
}
