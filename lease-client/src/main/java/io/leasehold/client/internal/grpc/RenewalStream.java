package io.leasehold.client.internal.grpc;

import io.grpc.Status;
import io.leasehold.client.internal.keepalive.KeepAliveEngine;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stream of renewals over gRPC: in batches where the member takes them, else one by one as etcd
 * has it. Members are asked, not known: a member that refuses batches is given single renewals on
 * the same connection at once, one round trip later, and is asked again when the stream to it ends,
 * since it may come back as another version. Confined to the owner thread.
 */
public final class RenewalStream implements KeepAliveEngine.Stream {
  private static final Logger LOG = LoggerFactory.getLogger(RenewalStream.class);

  private final Endpoints endpoints;
  private final Executor owner;
  private final Set<Endpoint> withoutBatches = new HashSet<>();
  private @Nullable KeepAliveEngine engine;
  private @Nullable Endpoint endpoint;
  private @Nullable RenewalCall<?, ?> call;

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
    boolean isInBatches = !withoutBatches.contains(endpoint);
    Fate fate = new Fate(number, endpoint, isInBatches);
    call =
        isInBatches
            ? new BatchRenewals(endpoint, owner, fate, engine(), number)
            : new SingleRenewals(endpoint, owner, fate, engine(), number);
    call.start();
  }

  @Override
  public boolean isReady() {
    return call != null && call.isReady();
  }

  @Override
  public void renew(long leaseId, long ttlNanos) {
    if (call != null) {
      call.renew(leaseId, ttlNanos);
    }
  }

  @Override
  public void flush() {
    if (call != null) {
      call.flush();
    }
  }

  @Override
  public void close() {
    if (call != null) {
      call.cancel();
      call = null;
    }
  }

  /** What becomes of one call. */
  private final class Fate implements RenewalCall.Hearer {
    private final long number;
    private final Endpoint member;
    private final boolean isInBatches;

    Fate(long number, Endpoint member, boolean isInBatches) {
      this.number = number;
      this.member = member;
      this.isInBatches = isInBatches;
    }

    @Override
    public void writable() {
      engine().writable(number);
    }

    @Override
    public void ended(Status status) {
      LOG.debug("the stream of renewals to {} ended: {}", member.address(), status);
      if (isInBatches && isRefusal(status)) {
        withoutBatches.add(member);
        engine().unsupported(number);
      } else {
        withoutBatches.remove(member);
        engine().ended(number);
      }
    }

    /** Unimplemented from a server that has no batches, or whatever a proxy in front of it says. */
    private boolean isRefusal(Status status) {
      return !status.isOk() && !Failures.isTransient(status);
    }
  }
}
