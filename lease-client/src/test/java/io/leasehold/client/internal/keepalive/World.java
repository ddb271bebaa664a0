package io.leasehold.client.internal.keepalive;

import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseEvent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A client's engine, its stream and the cluster's clock of leases on virtual time. The cluster ends
 * leases exactly when their TTL is over, by its own clock.
 */
final class World implements KeepAliveEngine.Stream, KeepAliveEngine.Alarm {
  private static final long FAR = Long.MAX_VALUE / 4;

  /** A renewal as it was sent. */
  record Sent(long stream, long leaseId, long atNanos) {}

  private record Task(long atNanos, long order, Runnable run) {}

  final SplittableRandom random;
  final DeadlineRule rule = new DeadlineRule(0.01);
  final RenewalCounters counters = new RenewalCounters();
  final List<Sent> sent = new ArrayList<>();
  final List<Long> opened = new ArrayList<>();
  final Map<Long, List<LeaseEvent>> events = new HashMap<>();
  final Deque<Runnable> callbacks = new ArrayDeque<>();

  /** Until when the cluster holds each lease; absent when it was ended. */
  final Map<Long, Long> heldUntil = new HashMap<>();

  final Map<Long, Duration> ttls = new HashMap<>();
  final KeptLeases kept;
  final KeepAliveEngine engine;

  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos != b.atNanos
                  ? Long.compare(a.atNanos, b.atNanos)
                  : Long.compare(a.order, b.order));
  private final List<Long> gathered = new ArrayList<>();
  private long nowNanos = 1_000_000;
  private long order;
  private long stream;
  private long alarmNanos = FAR;
  boolean isAnswering = true;
  boolean isReady = true;

  /** Whether what is flushed together has one answer, with a TTL common to all. */
  boolean isBatching;

  /** Share of the renewals in batches of which nothing is said in time. */
  double undecidedShare;

  long roundTripNanos = Duration.ofMillis(2).toNanos();
  @Nullable Executor callbackExecutor;

  World(long seed) {
    random = new SplittableRandom(seed);
    kept =
        new KeptLeases(
            () -> nowNanos,
            rule,
            task -> {
              if (callbackExecutor == null) {
                task.run();
              } else {
                callbackExecutor.execute(task);
              }
            },
            lease -> at(nowNanos, () -> engine().keep(lease)),
            lease -> at(nowNanos, () -> engine().drop(lease)));
    engine =
        new KeepAliveEngine(() -> nowNanos, random::nextDouble, rule, this, this, kept, counters);
  }

  private KeepAliveEngine engine() {
    return engine;
  }

  long now() {
    return nowNanos;
  }

  /** Grants a lease in the cluster and keeps it. */
  KeptLease keep(long id, Duration ttl) {
    return keepGranted(grant(id, ttl));
  }

  GrantedLease grant(long id, Duration ttl) {
    ttls.put(id, ttl);
    heldUntil.put(id, nowNanos + ttl.toNanos());
    return new GrantedLease(id, ttl, nowNanos + rule.validNanos(ttl.toNanos()));
  }

  KeptLease keepGranted(GrantedLease lease) {
    List<LeaseEvent> heard = events.computeIfAbsent(lease.id(), id -> new ArrayList<>());
    return kept.keep(lease, heard::add);
  }

  /** Keeps a lease of which only the ID is known. */
  KeptLease keepUnknown(long id) {
    List<LeaseEvent> heard = events.computeIfAbsent(id, unheard -> new ArrayList<>());
    return kept.keep(id, heard::add);
  }

  void at(long nanos, Runnable task) {
    tasks.add(new Task(nanos, order++, task));
  }

  /** Lets everything happen that is due within a time. */
  void run(Duration time) {
    runUntil(nowNanos + time.toNanos());
  }

  void runUntil(long endNanos) {
    while (true) {
      Task task = tasks.peek();
      long next = task == null ? FAR : task.atNanos;
      if (alarmNanos < next && alarmNanos <= endNanos) {
        nowNanos = Math.max(nowNanos, alarmNanos);
        alarmNanos = FAR;
        engine.wake();
      } else if (task != null && next <= endNanos) {
        tasks.remove();
        nowNanos = Math.max(nowNanos, next);
        task.run.run();
      } else {
        nowNanos = Math.max(nowNanos, endNanos);
        return;
      }
    }
  }

  /** Stops the process: time goes on in the cluster, and everything else happens afterwards. */
  void pause(Duration time) {
    nowNanos += time.toNanos();
  }

  List<LeaseEvent> changes(long id) {
    return events.get(id).stream().filter(e -> !(e instanceof LeaseEvent.Renewed)).toList();
  }

  long currentStream() {
    return stream;
  }

  @Override
  public void open(long number, boolean isElsewhere) {
    stream = number;
    gathered.clear();
    opened.add(nowNanos);
  }

  @Override
  public boolean isReady() {
    return isReady;
  }

  @Override
  public void renew(long leaseId, long ttlNanos) {
    sent.add(new Sent(stream, leaseId, nowNanos));
    gathered.add(leaseId);
    if (!isBatching || ttlNanos == KeepAliveEngine.TTL_UNKNOWN) {
      flush();
    }
  }

  @Override
  public void flush() {
    List<Long> batch = List.copyOf(gathered);
    gathered.clear();
    if (!isAnswering || batch.isEmpty()) {
      return;
    }
    long number = stream;
    long arrival = nowNanos + roundTripNanos / 2;
    at(nowNanos + roundTripNanos, () -> answer(number, batch, arrival));
  }

  private void answer(long number, List<Long> batch, long arrival) {
    List<Long> renewed = new ArrayList<>();
    for (long leaseId : batch) {
      Long until = heldUntil.get(leaseId);
      if (until == null || arrival - until >= 0) {
        engine.notFound(number, leaseId);
        continue;
      }
      // What is not decided may have been renewed all the same.
      heldUntil.put(leaseId, Math.max(until, arrival + ttls.get(leaseId).toNanos()));
      if (isBatching && random.nextDouble() < undecidedShare) {
        engine.undecided(number, leaseId);
      } else {
        renewed.add(leaseId);
      }
    }
    long common = renewed.stream().mapToLong(id -> ttls.get(id).toNanos()).min().orElse(0);
    for (long leaseId : renewed) {
      engine.renewed(number, leaseId, common, common == ttls.get(leaseId).toNanos());
    }
  }

  @Override
  public void close() {
    stream = -1;
  }

  @Override
  public void setAt(long nanos) {
    alarmNanos = nanos;
  }
}
