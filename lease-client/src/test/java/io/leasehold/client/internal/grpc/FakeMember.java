package io.leasehold.client.internal.grpc;

import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A member that renews leases, one by one and, if it is told to, in batches. */
final class FakeMember implements AutoCloseable {
  private static final long BIND_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

  private final int port;

  /** TTL of each lease, in seconds; what is not here does not exist. */
  final Map<Long, Long> ttlSeconds = new ConcurrentHashMap<>();

  /** Leases of which it says the next time that it cannot tell. */
  final Set<Long> undecidedOnce = ConcurrentHashMap.newKeySet();

  final List<RenewBatchRequest> batches = new CopyOnWriteArrayList<>();
  final AtomicInteger singles = new AtomicInteger();
  final AtomicInteger unknownCalls = new AtomicInteger();
  private @Nullable Server server;

  FakeMember() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      this.port = free.getLocalPort();
    }
  }

  String endpoint() {
    return "127.0.0.1:" + port;
  }

  void start(boolean withBatches) throws IOException {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .addService(new Leases())
            .fallbackHandlerRegistry(new UnknownCalls());
    if (withBatches) {
      builder.addService(new Renewals());
    }
    server = startOn(builder);
  }

  /**
   * Whoever tries to connect while nobody listens takes a port of the same range for it, and may
   * take this very one.
   */
  private static Server startOn(NettyServerBuilder builder) throws IOException {
    long startNanos = System.nanoTime();
    while (true) {
      try {
        return builder.build().start();
      } catch (IOException e) {
        if (!(e.getCause() instanceof BindException)
            || System.nanoTime() - startNanos > BIND_NANOS_MAX) {
          throw e;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  @Override
  public void close() {
    if (server != null) {
      server.shutdownNow();
      try {
        boolean unused = server.awaitTermination(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class UnknownCalls extends HandlerRegistry {
    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(
        String methodName, @Nullable String authority) {
      unknownCalls.incrementAndGet();
      return null;
    }
  }

  private final class Leases extends LeaseGrpc.LeaseImplBase {
    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
        StreamObserver<LeaseKeepAliveResponse> answers) {
      return new Requests<>(answers) {
        @Override
        public void onNext(LeaseKeepAliveRequest request) {
          singles.incrementAndGet();
          answers.onNext(
              LeaseKeepAliveResponse.newBuilder()
                  .setID(request.getID())
                  .setTTL(ttlSeconds.getOrDefault(request.getID(), 0L))
                  .build());
        }
      };
    }
  }

  private final class Renewals extends RenewalsGrpc.RenewalsImplBase {
    @Override
    public StreamObserver<RenewBatchRequest> renewBatch(
        StreamObserver<RenewBatchResponse> answers) {
      return new Requests<>(answers) {
        @Override
        public void onNext(RenewBatchRequest request) {
          answers.onNext(answer(request));
          batches.add(request);
        }
      };
    }

    private RenewBatchResponse answer(RenewBatchRequest request) {
      RenewBatchResponse.Builder answer =
          RenewBatchResponse.newBuilder().setSequence(request.getSequence());
      long shortest = Long.MAX_VALUE;
      for (long id : request.getLeaseIdsList()) {
        Long ttl = ttlSeconds.get(id);
        if (ttl == null) {
          answer.addNotFound(id);
        } else if (undecidedOnce.remove(id)) {
          answer.addUndecided(id);
        } else {
          shortest = Math.min(shortest, ttl);
        }
      }
      return answer.setTtlMillis(shortest == Long.MAX_VALUE ? 0 : shortest * 1000).build();
    }
  }

  /** Ends when the client does. */
  private abstract static class Requests<Q> implements StreamObserver<Q> {
    private final StreamObserver<?> answers;

    Requests(StreamObserver<?> answers) {
      this.answers = answers;
    }

    @Override
    public void onError(Throwable cause) {
      // The client is gone.
    }

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }
}
