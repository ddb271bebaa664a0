package io.leasehold.server;

import io.grpc.BindableService;
import io.leasehold.core.time.NanoClock;
import io.leasehold.core.time.RandomSource;
import io.leasehold.raft.Environment;
import io.leasehold.raft.Replica;
import io.leasehold.server.admin.AdminPort;
import io.leasehold.server.admin.HealthChecks;
import io.leasehold.server.config.HttpUrl;
import io.leasehold.server.config.ServerConfig;
import io.leasehold.server.forward.ForwardClient;
import io.leasehold.server.forward.ForwardService;
import io.leasehold.server.grpc.ClientPort;
import io.leasehold.server.grpc.ClusterService;
import io.leasehold.server.grpc.ElectionService;
import io.leasehold.server.grpc.EventLoops;
import io.leasehold.server.grpc.KeepAlives;
import io.leasehold.server.grpc.KeyReads;
import io.leasehold.server.grpc.KvService;
import io.leasehold.server.grpc.LeaderTransfers;
import io.leasehold.server.grpc.LeaseService;
import io.leasehold.server.grpc.LockService;
import io.leasehold.server.grpc.MaintenanceService;
import io.leasehold.server.grpc.OpenStreams;
import io.leasehold.server.grpc.ReadMemory;
import io.leasehold.server.grpc.RenewalsService;
import io.leasehold.server.grpc.RequireLeader;
import io.leasehold.server.grpc.ResponseHeaders;
import io.leasehold.server.grpc.RoutedKeys;
import io.leasehold.server.grpc.WatchService;
import io.leasehold.server.metrics.KeyMetrics;
import io.leasehold.server.metrics.MemberGauges;
import io.leasehold.server.metrics.ServerMetrics;
import io.leasehold.server.quota.SpaceQuota;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.LocalLeader;
import io.leasehold.server.route.Recovery;
import io.leasehold.server.watch.WatchHub;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: one member, from its settings to its open ports.
 *
 * <p>{@link #start} and {@link #close} block and are called from one thread, the rest from any.
 */
public final class LeaseholdServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LeaseholdServer.class);

  /** How long a stopping leader waits for another member to take over. */
  private static final Duration HAND_OVER = Duration.ofSeconds(5);

  /** How long calls under way have to end when the member stops. */
  private static final long CALLS_GRACE_MILLIS = 1000;

  /**
   * Recent changes kept in memory for watchers that lag a little: some hundred thousand small ones.
   */
  private static final long WATCH_RECENT_BYTES_MAX = 32L << 20;

  /** One for old history, and one for what keys were before. */
  private static final int WATCH_READERS = 2;

  private final ServerConfig config;
  private final Engine engine;
  private final ScheduledExecutorService scheduler;
  private final Recovery recovery;
  private final List<ExecutorService> answerers;
  private final ExecutorService bulkReads;
  private final ExecutorService largeAnswers;
  private final ScheduledExecutorService quotaWatch;
  private final ExecutorService maintenance;
  private final ExecutorService watchDispatcher;
  private final ExecutorService watchReaders;
  private final KeyReads keyReads;
  private final SpaceQuota quota;
  private final ForwardClient forwardClient;
  private final LeaseRouter router;
  private final OpenStreams openStreams;
  private final ClientPort clientPort;
  private final MemberGauges gauges;
  private final AdminPort adminPort;
  private final AtomicBoolean isStopping = new AtomicBoolean();

  /**
   * Starts a member and returns once its ports are open; whether it has a leader is another matter.
   *
   * @param fatal told, in one line, why this member must stop at once; {@link #halt} does that
   */
  public static LeaseholdServer start(
      ServerConfig config, Environment environment, Consumer<String> fatal) throws StartException {
    return start(config, new RaftEngineStarter(environment), environment, fatal);
  }

  /** Starts a member as the other method does, on an engine of the caller's choice. */
  public static LeaseholdServer start(
      ServerConfig config, Engine.Starter starter, Environment environment, Consumer<String> fatal)
      throws StartException {
    NanoClock leaseClock = environment.leaseClock();
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ServerMetrics metrics = new ServerMetrics(registry);
    ScheduledExecutorService scheduler =
        Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("router"));
    ExecutorService forwardAnswers =
        Executors.newSingleThreadExecutor(DaemonThreads.named("forward-answers"));
    ExecutorService commandAnswers =
        Executors.newSingleThreadExecutor(DaemonThreads.named("command-answers"));
    List<ExecutorService> answerers = List.of(forwardAnswers, commandAnswers);
    Engine engine;
    try {
      engine =
          starter.start(
              config,
              replica ->
                  List.<BindableService>of(
                      new ForwardService(
                          replica,
                          new LocalLeader(replica, leaseClock, metrics::proposed),
                          leaseClock,
                          forwardAnswers,
                          commandAnswers,
                          metrics)),
              metrics,
              fatal);
    } catch (StartException | RuntimeException e) {
      scheduler.shutdownNow();
      answerers.forEach(ExecutorService::shutdownNow);
      throw e;
    }
    try {
      LeaseholdServer server =
          new LeaseholdServer(config, engine, registry, metrics, scheduler, answerers, environment);
      server.open();
      return server;
    } catch (StartException | RuntimeException e) {
      engine.close(Duration.ZERO);
      throw e;
    }
  }

  private LeaseholdServer(
      ServerConfig config,
      Engine engine,
      PrometheusMeterRegistry registry,
      ServerMetrics metrics,
      ScheduledExecutorService scheduler,
      List<ExecutorService> answerers,
      Environment environment)
      throws StartException {
    NanoClock clock = environment.clock();
    RandomSource random = environment.random();
    this.answerers = answerers;
    this.config = config;
    this.engine = engine;
    this.scheduler = scheduler;
    this.bulkReads = Executors.newSingleThreadExecutor(DaemonThreads.named("bulk-reads"));
    Replica replica = engine.replica();
    this.largeAnswers = Executors.newSingleThreadExecutor(DaemonThreads.named("large-answers"));
    this.maintenance = Executors.newSingleThreadExecutor(DaemonThreads.named("maintenance"));
    this.quotaWatch =
        Executors.newSingleThreadScheduledExecutor(DaemonThreads.named("space-quota"));
    this.keyReads =
        new KeyReads(
            replica::openKeys,
            Math.max(2, Runtime.getRuntime().availableProcessors()),
            DaemonThreads.named("key-reads"),
            DaemonThreads.named("key-scans"));
    this.forwardClient = new ForwardClient(engine::channel, largeAnswers, metrics);
    this.router =
        new LeaseRouter(
            config.name(),
            replica,
            new LocalLeader(replica, environment.leaseClock(), metrics::proposed),
            forwardClient::to,
            clock,
            random,
            scheduler);
    this.recovery = new Recovery(router, scheduler);
    this.openStreams = new OpenStreams(config.electionTimeoutMillis(), scheduler);
    ResponseHeaders headers =
        new ResponseHeaders(engine.clusterId(), engine.memberId(config.name()), replica);
    KeyMetrics keyMetrics = new KeyMetrics(registry);
    this.watchDispatcher = Executors.newSingleThreadExecutor(DaemonThreads.named("watch-dispatch"));
    this.watchReaders =
        Executors.newFixedThreadPool(WATCH_READERS, DaemonThreads.named("watch-reads"));
    WatchHub watchHub =
        new WatchHub(
            WATCH_RECENT_BYTES_MAX,
            replica::revision,
            replica::openKeys,
            watchDispatcher,
            watchReaders);
    replica.onKeyChange(new KeyListeners(List.of(keyMetrics, watchHub)));
    // What was applied between the opening of the hub and its first change.
    watchHub.reset(replica.revision());
    this.quota =
        new SpaceQuota(
            engine.memberId(config.name()), config.quotaBytes(), replica, router, quotaWatch);
    RoutedKeys keys = new RoutedKeys(router, keyReads, watchHub);
    KeepAlives keepAlives =
        new KeepAlives(router, headers, openStreams, new RequireLeader(replica), clock, metrics);
    EventLoops loops = new EventLoops();
    this.clientPort =
        new ClientPort(
            addresses("--listen-client-urls", config.listenClient()),
            config.requestBytesMax(),
            List.of(
                new LeaseService(
                    keepAlives, replica.leases(), config.minTtl(), bulkReads, keyReads, quota),
                new RenewalsService(router, headers, openStreams, loops, clock, metrics),
                new KvService(
                    replica,
                    router,
                    recovery,
                    keyReads,
                    ReadMemory.ofHeap(Runtime.getRuntime().maxMemory()),
                    config.transactionOperationsMax(),
                    config.requestBytesMax(),
                    quota,
                    headers,
                    clock,
                    keyMetrics),
                new WatchService(
                    loops,
                    watchHub,
                    recovery,
                    headers,
                    openStreams,
                    scheduler,
                    random,
                    config.watchProgressMillis()),
                new LockService(keys, headers, openStreams),
                new ElectionService(keys, headers, openStreams),
                new ClusterService(replica, router, headers, peerUrls(config), engine::memberId),
                new MaintenanceService(
                    replica,
                    router,
                    keyReads,
                    quota,
                    new LeaderTransfers(replica, scheduler),
                    maintenance,
                    headers,
                    engine::memberId)),
            keepAlives,
            loops);
    this.gauges = new MemberGauges(registry, replica, router, openStreams, watchHub);
    HealthChecks checks = new HealthChecks(replica, router, isStopping::get);
    this.adminPort = new AdminPort(registry, checks);
  }

  private void open() throws StartException {
    Replica replica = engine.replica();
    LeaderNews news =
        new LeaderNews(
            replica::leadership,
            List.of(
                forwardClient::leadershipChanged,
                openStreams::leadershipChanged,
                this::serveWhileThereIsALeader));
    replica.onLeadershipChange(leadership -> news.changed());
    router.start();
    recovery.start();
    quota.start();
    try {
      clientPort.start();
    } catch (IOException e) {
      throw cannotListen("--listen-client-urls", config.listenClient(), e);
    }
    try {
      adminPort.start(addresses("--listen-metrics-urls", config.listenMetrics()));
    } catch (IOException e) {
      clientPort.close();
      throw cannotListen("--listen-metrics-urls", config.listenMetrics(), e);
    }
    news.portsAreOpen(this::sayReady);
  }

  /** Returns the port on which clients are served, the first if there are several. */
  public int clientPort() {
    return clientPort.port();
  }

  /** Returns the port on which metrics and health are served, or -1 when they are not. */
  public int adminPort() {
    return adminPort.port();
  }

  public Engine engine() {
    return engine;
  }

  /**
   * Stops serving: leadership first, then the clients, then the engine. Blocks for some seconds.
   */
  @Override
  public void close() {
    stop(HAND_OVER, CALLS_GRACE_MILLIS);
  }

  /**
   * Stops as soon as may be: hands nothing over and cuts the calls that are under way. What was
   * acknowledged is on disk all the same. Blocks until nothing of the member runs any more.
   */
  public void halt() {
    stop(Duration.ZERO, 0);
  }

  private void stop(Duration handOver, long callsGraceMillis) {
    if (!isStopping.compareAndSet(false, true)) {
      return;
    }
    log.info("stopping");
    clientPort.stopServing();
    handOver(handOver);
    openStreams.cutAll();
    // What still waits for the engine then is told so, as long as there are connections to say it
    // on.
    clientPort.close(callsGraceMillis, router::close);
    forwardClient.close();
    watchReaders.shutdownNow();
    watchDispatcher.shutdownNow();
    engine.close(handOver);
    adminPort.close();
    gauges.close();
    keyReads.close();
    bulkReads.shutdownNow();
    largeAnswers.shutdownNow();
    answerers.forEach(ExecutorService::shutdownNow);
    quotaWatch.shutdownNow();
    maintenance.shutdownNow();
    scheduler.shutdownNow();
    log.info("stopped");
  }

  /** Has another member lead before the clients are sent away, so that they find a leader there. */
  private void handOver(Duration patience) {
    Replica replica = engine.replica();
    if (patience.isZero() || !replica.leadership().isLeader() || replica.voters().size() < 2) {
      return;
    }
    CountDownLatch isHandedOver = new CountDownLatch(1);
    replica.onLeadershipChange(
        leadership -> {
          if (!leadership.isLeader() && leadership.leader() != null) {
            isHandedOver.countDown();
          }
        });
    replica.transferLeadership();
    try {
      if (!isHandedOver.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("no other member took over within {} s", patience.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Says whether clients are served, unless the member stops: then that has been said for good. */
  private void serveWhileThereIsALeader(Replica.Leadership leadership) {
    if (!isStopping.get()) {
      clientPort.setServing(leadership.leader() != null);
    }
  }

  private void sayReady(String leader) {
    log.info(
        "ready name={} client={} leader={}",
        config.name(),
        config.listenClient().get(0).withPort(clientPort.port()),
        leader);
  }

  private static SortedMap<String, String> peerUrls(ServerConfig config) {
    SortedMap<String, String> urls = new TreeMap<>();
    config.initialCluster().forEach((name, url) -> urls.put(name, url.toString()));
    return urls;
  }

  private static List<SocketAddress> addresses(String option, List<HttpUrl> urls)
      throws StartException {
    List<SocketAddress> addresses = new ArrayList<>(urls.size());
    for (HttpUrl url : urls) {
      InetSocketAddress address = new InetSocketAddress(url.host(), url.port());
      if (address.isUnresolved()) {
        throw new StartException(
            option + " " + url + ": host " + url.host() + " has no address; correct the name");
      }
      addresses.add(address);
    }
    return addresses;
  }

  private static StartException cannotListen(String option, List<HttpUrl> urls, IOException e) {
    Throwable cause = e.getCause() == null ? e : e.getCause();
    StringBuilder all = new StringBuilder();
    urls.forEach(url -> all.append(all.length() == 0 ? "" : ",").append(url));
    return new StartException(
        option
            + " "
            + all
            + ": cannot listen: "
            + cause.getMessage()
            + "; stop what uses the port or choose another");
  }
}
