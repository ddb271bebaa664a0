package io.leasehold.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.core.time.RandomSource;
import io.leasehold.server.route.Recovery;
import io.leasehold.server.watch.WatchHub;
import java.util.concurrent.ScheduledExecutorService;

/** etcd's Watch service: one stream carries many watchers. Runs on event loops. */
public final class WatchService extends WatchGrpc.WatchImplBase {
  /** Progress is told at most this part of the interval late, so that streams do not agree. */
  private static final int JITTER_FRACTION = 10;

  private final EventLoops loops;
  private final WatchHub hub;
  private final Recovery recovery;
  private final ResponseHeaders headers;
  private final OpenStreams openStreams;
  private final ScheduledExecutorService scheduler;
  private final RandomSource random;
  private final long progressIntervalMillis;

  /**
   * @param progressIntervalMillis after which silence quiet watchers that want it are told how far
   *     they are
   */
  public WatchService(
      EventLoops loops,
      WatchHub hub,
      Recovery recovery,
      ResponseHeaders headers,
      OpenStreams openStreams,
      ScheduledExecutorService scheduler,
      RandomSource random,
      long progressIntervalMillis) {
    this.loops = loops;
    this.hub = hub;
    this.recovery = recovery;
    this.headers = headers;
    this.openStreams = openStreams;
    this.scheduler = scheduler;
    this.random = random;
    this.progressIntervalMillis = progressIntervalMillis;
  }

  @Override
  public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
    long jitterMillis =
        Math.floorMod(random.nextLong(), progressIntervalMillis / JITTER_FRACTION + 1);
    WatchStream stream =
        new WatchStream(
            (ServerCallStreamObserver<WatchResponse>) observer,
            loops.current(),
            hub,
            recovery,
            headers,
            openStreams,
            scheduler,
            progressIntervalMillis + jitterMillis);
    stream.open(RequireLeader.isRequired());
    return stream;
  }
}
