package io.leasehold.client.internal;

import io.leasehold.client.ClientStatistics;
import io.leasehold.client.LossReason;
import io.leasehold.client.internal.grpc.Calls;
import io.leasehold.client.internal.grpc.Endpoints;
import io.leasehold.client.internal.grpc.GrpcCluster;
import io.leasehold.client.internal.grpc.GrpcKeyValue;
import io.leasehold.client.internal.grpc.GrpcLeases;
import io.leasehold.client.internal.grpc.GrpcWatch;
import io.leasehold.client.internal.grpc.RenewalStream;
import io.leasehold.client.internal.keepalive.DeadlineRule;
import io.leasehold.client.internal.keepalive.KeepAliveEngine;
import io.leasehold.client.internal.keepalive.Kept;
import io.leasehold.client.internal.keepalive.KeptLeases;
import io.leasehold.client.internal.keepalive.RenewalCounters;
import io.leasehold.client.internal.time.NanoClock;
import io.leasehold.client.internal.time.RandomSource;
import io.leasehold.client.internal.time.SystemNanoClock;
import io.leasehold.client.internal.time.SystemRandomSource;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The parts of a client, put together: the one place that does. Any thread. */
public final class ClientCore implements Foundation, AutoCloseable {
  private final NanoClock clock = new SystemNanoClock();
  private final OwnerThread owner = new OwnerThread("leasehold-client", clock);
  private final RenewalCounters counters = new RenewalCounters();
  private final Callbacks callbacks;
  private final Endpoints endpoints;
  private final Calls calls;
  private final KeepAliveEngine engine;
  private final KeptLeases kept;
  private final GrpcLeases leases;
  private final GrpcKeyValue keys;
  private final GrpcWatch watches;
  private final GrpcCluster cluster;

  /** What a client is told by whoever builds it. */
  public record Settings(
      List<String> addresses,
      @Nullable SSLContext tls,
      boolean needsTls,
      Duration requestTimeout,
      Duration connectTimeout,
      DeadlineRule rule,
      @Nullable Executor callbacks) {}

  private ClientCore(Settings settings) {
    RandomSource random = new SystemRandomSource();
    callbacks = new Callbacks(settings.callbacks());
    endpoints =
        new Endpoints(
            settings.addresses(),
            tlsOf(settings),
            settings.connectTimeout(),
            "leasehold-client-network",
            random);
    calls = new Calls(endpoints, owner, clock, random, settings.requestTimeout());
    RenewalStream stream = new RenewalStream(endpoints, owner);
    kept = new KeptLeases(clock, settings.rule(), callbacks, this::keep, this::drop);
    engine =
        new KeepAliveEngine(
            clock, random, settings.rule(), stream, new OwnerAlarm(), kept, counters);
    stream.reportTo(engine);
    leases = new GrpcLeases(calls, callbacks, settings.rule(), kept, this::revoked);
    keys = new GrpcKeyValue(calls, callbacks);
    watches = new GrpcWatch(endpoints, owner, clock, random, callbacks);
    cluster = new GrpcCluster(calls, endpoints, clock, callbacks);
  }

  public static ClientCore start(Settings settings) {
    return new ClientCore(settings);
  }

  private static @Nullable SSLContext tlsOf(Settings settings) {
    if (settings.tls() != null || !settings.needsTls()) {
      return settings.tls();
    }
    try {
      return SSLContext.getDefault();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this JDK has no TLS", e);
    }
  }

  private void keep(Kept lease) {
    owner.execute(() -> engine.keep(lease));
  }

  private void drop(Kept lease) {
    owner.execute(() -> engine.drop(lease));
  }

  private void revoked(long leaseId) {
    owner.execute(() -> engine.revoked(leaseId));
  }

  @Override
  public NanoClock clock() {
    return clock;
  }

  @Override
  public OwnerThread owner() {
    return owner;
  }

  @Override
  public Executor callbacks() {
    return callbacks;
  }

  @Override
  public KeptLeases kept() {
    return kept;
  }

  @Override
  public GrpcLeases leases() {
    return leases;
  }

  @Override
  public GrpcKeyValue keys() {
    return keys;
  }

  @Override
  public GrpcWatch watches() {
    return watches;
  }

  public GrpcCluster cluster() {
    return cluster;
  }

  public ClientStatistics statistics() {
    Map<LossReason, Long> lost = new EnumMap<>(LossReason.class);
    for (LossReason reason : LossReason.values()) {
      lost.put(reason, counters.lost(reason));
    }
    return new ClientStatistics(
        counters.leasesKept(),
        counters.renewalsSent(),
        counters.renewalsAnswered(),
        Duration.ofNanos(counters.roundTripNanos()),
        counters.streamsOpened(),
        lost);
  }

  @Override
  public void close() {
    calls.close();
    watches.close();
    owner.execute(engine::close);
    owner.close();
    endpoints.close();
    callbacks.close();
  }

  /** The engine's one timer. Called on the owner thread. */
  private final class OwnerAlarm implements KeepAliveEngine.Alarm {
    private @Nullable Future<?> set;

    @Override
    public void setAt(long nanos) {
      if (set != null) {
        set.cancel(false);
      }
      set = owner.executeAt(nanos, engine::wake);
    }
  }
}
