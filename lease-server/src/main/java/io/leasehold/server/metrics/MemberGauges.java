package io.leasehold.server.metrics;

import io.leasehold.core.key.KeyReading;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.raft.Replica;
import io.leasehold.server.grpc.OpenStreams;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.watch.WatchHub;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import java.util.function.ToDoubleFunction;

/** Figures that are read when somebody asks: the replica's, the server's and the JVM's. */
public final class MemberGauges implements AutoCloseable {
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

  public MemberGauges(
      MeterRegistry registry,
      Replica replica,
      LeaseRouter router,
      OpenStreams openStreams,
      WatchHub watchHub) {
    gauge(registry, "leasehold.leases", "Leases alive.", replica, r -> r.leases().size());
    gauge(registry, "leasehold.key.revision", "Revision of the keys.", replica, Replica::revision);
    gauge(
        registry,
        "leasehold.key.compacted.revision",
        "Revision before which the history of keys is gone.",
        replica,
        MemberGauges::compactedRevision);
    gauge(
        registry,
        "leasehold.alarms",
        "Alarms raised by any member.",
        replica,
        r -> r.alarms().size());
    gauge(
        registry,
        "leasehold.lessor.waiting",
        "Renewals, revokes and checkpoints of the lessor that wait for the log.",
        replica,
        MemberGauges::lessorWaiting);
    gauge(
        registry,
        "leasehold.requests.waiting",
        "Requests that wait for the leader, the log or a proof of leadership.",
        router,
        LeaseRouter::waiting);
    gauge(registry, "leasehold.streams.open", "Client streams.", openStreams, OpenStreams::size);
    gauge(registry, "leasehold.watchers", "Watchers.", watchHub, WatchHub::watchers);
    gauge(
        registry,
        "leasehold.watchers.slow",
        "Watchers that are behind: their clients do not read, or they read up on history.",
        watchHub,
        WatchHub::slowWatchers);
    gauge(
        registry,
        "leasehold.watch.lag",
        "Revisions applied and not yet looked at for watchers.",
        watchHub,
        WatchHub::lag);
    FunctionCounter.builder("leasehold.watch.events", watchHub, WatchHub::eventsSent)
        .description("Events sent, counted for each watcher.")
        .register(registry);
    gauge(
        registry,
        "leasehold.raft.leader",
        "1 when this member leads.",
        replica,
        r -> r.leadership().isLeader() ? 1 : 0);
    gauge(
        registry,
        "leasehold.raft.leader.known",
        "1 when this member knows a leader.",
        replica,
        r -> r.leadership().leader() == null ? 0 : 1);
    gauge(registry, "leasehold.raft.term", "Raft term.", replica, r -> r.leadership().term());
    status(
        registry,
        replica,
        "last.log.index",
        "Last entry in the log.",
        Replica.Status::lastLogIndex);
    status(
        registry,
        replica,
        "committed.index",
        "Last entry known to be committed.",
        Replica.Status::committedIndex);
    status(registry, replica, "applied.index", "Last entry applied.", Replica.Status::appliedIndex);
    status(
        registry,
        replica,
        "apply.lag",
        "Entries committed and not yet applied.",
        s -> Math.max(0, s.committedIndex() - s.appliedIndex()));
    status(
        registry,
        replica,
        "snapshot.index",
        "Last entry covered by a snapshot.",
        Replica.Status::snapshotIndex);
    for (String figure : replica.figures().keySet()) {
      gauge(
          registry,
          "leasehold.engine." + figure.replace('_', '.'),
          "The engine: storage and proposals.",
          replica,
          r -> r.figures().getOrDefault(figure, 0L));
    }
    Gauge.builder("leasehold.state.size", replica, r -> r.status().stateBytes())
        .baseUnit("bytes")
        .description("RocksDB: size of the applied state on disk.")
        .register(registry);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    gcMetrics.bindTo(registry);
  }

  private static double lessorWaiting(Replica replica) {
    Lessor lessor = replica.lessor();
    return lessor == null ? 0 : lessor.waiting();
  }

  private static double compactedRevision(Replica replica) {
    try (KeyReading keys = replica.openKeys()) {
      return keys.compactedRevision();
    }
  }

  private static <T> void gauge(
      MeterRegistry registry, String name, String help, T of, ToDoubleFunction<T> value) {
    Gauge.builder(name, of, value).description(help).register(registry);
  }

  private static void status(
      MeterRegistry registry,
      Replica replica,
      String name,
      String help,
      ToDoubleFunction<Replica.Status> value) {
    gauge(registry, "leasehold.raft." + name, help, replica, r -> value.applyAsDouble(r.status()));
  }

  @Override
  public void close() {
    gcMetrics.close();
  }
}
