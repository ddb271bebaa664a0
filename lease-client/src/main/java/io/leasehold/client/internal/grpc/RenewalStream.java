package io.leasehold.client.internal.grpc;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.client.internal.keepalive.KeepAliveEngine;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of renewals over gRPC. Called on the owner thread; what gRPC tells on its own thread
 * is handed over, many answers at a time.
 */
public final class RenewalStream implements KeepAliveEngine.Stream {
  private static final Logger LOG = LoggerFactory.getLogger(RenewalStream.class);

  private final Endpoints endpoints;
  private final Executor owner;
  private @Nullable KeepAliveEngine engine;
  private @Nullable Endpoint endpoint;
  private @Nullable ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

  public RenewalStream(Endpoints endpoints, Executor owner) {
    this.endpoints = endpoints;
    this.owner = owner;
  }

  /** Names who hears of the stream; before the first is opened. */
  public void reportTo(KeepAliveEngine hearer) {
    engine = hearer;
  }

  private KeepAliveEngine engine() {
    if (engine == null) {
      throw new IllegalStateException("nobody hears of the stream");
    }
    return engine;
  }

  @Override
  public void open(long number, boolean isElsewhere) {
    if (isElsewhere && endpoint != null) {
      endpoints.leave(endpoint);
    }
    endpoint = endpoints.current();
    call = endpoint.channel().newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
    call.start(new Answers(number, endpoint.address()), Headers.requireLeader());
    call.request(Answers.AT_ONCE);
  }

  @Override
  public boolean isReady() {
    return call != null && call.isReady();
  }

  @Override
  public void renew(long leaseId) {
    if (call != null) {
      call.sendMessage(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
    }
  }

  @Override
  public void close() {
    if (call != null) {
      call.cancel("no longer needed", null);
      call = null;
    }
  }

  /** What gRPC tells of one stream, on its own thread. */
  private final class Answers extends ClientCall.Listener<LeaseKeepAliveResponse> {
    /** No more than one renewal is in flight for each lease, so this is bound enough. */
    private static final int AT_ONCE = Integer.MAX_VALUE;

    private final long number;
    private final String address;
    private ArrayDeque<LeaseKeepAliveResponse> waiting = new ArrayDeque<>();

    Answers(long number, String address) {
      this.number = number;
      this.address = address;
    }

    @Override
    public void onMessage(LeaseKeepAliveResponse answer) {
      synchronized (this) {
        waiting.add(answer);
        if (waiting.size() > 1) {
          return;
        }
      }
      owner.execute(this::handOver);
    }

    private void handOver() {
      ArrayDeque<LeaseKeepAliveResponse> answers;
      synchronized (this) {
        answers = waiting;
        waiting = new ArrayDeque<>();
      }
      for (LeaseKeepAliveResponse answer : answers) {
        engine().answered(number, answer.getID(), answer.getTTL());
      }
    }

    @Override
    public void onReady() {
      owner.execute(() -> engine().writable(number));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      LOG.debug("the stream of renewals to {} ended: {}", address, status);
      owner.execute(() -> engine().ended(number));
    }
  }
}
