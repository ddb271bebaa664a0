package io.leasehold.client.internal.grpc;

import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.client.Bytes;
import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseListener;
import io.leasehold.client.LeaseNotFoundException;
import io.leasehold.client.Leases;
import io.leasehold.client.internal.Foundation.DirectLeases;
import io.leasehold.client.internal.grpc.Calls.Answered;
import io.leasehold.client.internal.grpc.Calls.Repeat;
import io.leasehold.client.internal.keepalive.DeadlineRule;
import io.leasehold.client.internal.keepalive.KeptLeases;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;

/** {@link Leases} over gRPC. */
public final class GrpcLeases implements DirectLeases {
  private final Calls calls;
  private final Executor callbacks;
  private final DeadlineRule rule;
  private final KeptLeases kept;
  private final LongConsumer revoked;

  /** {@code revoked} is told, on any thread, of leases that this client has ended. */
  public GrpcLeases(
      Calls calls, Executor callbacks, DeadlineRule rule, KeptLeases kept, LongConsumer revoked) {
    this.calls = calls;
    this.callbacks = callbacks;
    this.rule = rule;
    this.kept = kept;
    this.revoked = revoked;
  }

  private CompletableFuture<GrantedLease> granted(Duration ttl, long id, Repeat repeat) {
    LeaseGrantRequest request =
        LeaseGrantRequest.newBuilder().setTTL(secondsUp(ttl)).setID(id).build();
    return calls
        .call(LeaseGrpc.getLeaseGrantMethod(), request, repeat)
        .thenApply(a -> granted(a.answer().getID(), a.answer().getTTL(), a.sentNanos()));
  }

  private GrantedLease granted(long id, long ttlSeconds, long sentNanos) {
    return new GrantedLease(
        id,
        Duration.ofSeconds(ttlSeconds),
        sentNanos + rule.validNanos(DeadlineRule.ttlNanos(ttlSeconds)));
  }

  private static long secondsUp(Duration ttl) {
    if (ttl.isNegative() || ttl.isZero()) {
      throw new IllegalArgumentException("a TTL must be longer than nothing: " + ttl);
    }
    return ttl.toNanosPart() == 0 ? ttl.toSeconds() : Math.addExact(ttl.toSeconds(), 1);
  }

  private static long requireId(long id) {
    if (id == 0) {
      throw new IllegalArgumentException("no lease has the ID 0");
    }
    return id;
  }

  @Override
  public CompletableFuture<GrantedLease> granted(Duration ttl) {
    return granted(ttl, 0, Repeat.SAFE);
  }

  @Override
  public CompletableFuture<GrantedLease> grantAsync(Duration ttl) {
    return Answers.on(callbacks, granted(ttl, 0, Repeat.SAFE));
  }

  @Override
  public GrantedLease grant(Duration ttl) {
    return Answers.await(granted(ttl, 0, Repeat.SAFE));
  }

  @Override
  public CompletableFuture<GrantedLease> grantAsync(Duration ttl, long id) {
    return Answers.on(callbacks, granted(ttl, requireId(id), Repeat.NEVER));
  }

  @Override
  public GrantedLease grant(Duration ttl, long id) {
    return Answers.await(granted(ttl, requireId(id), Repeat.NEVER));
  }

  @Override
  public CompletableFuture<Void> revoked(long id) {
    LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(id).build();
    return calls
        .call(
            LeaseGrpc.getLeaseRevokeMethod(),
            request,
            Repeat.SAFE,
            LeaseRevokeResponse.getDefaultInstance())
        .thenAccept(answer -> revoked.accept(id));
  }

  @Override
  public CompletableFuture<Void> revokeAsync(long id) {
    return Answers.on(callbacks, revoked(id));
  }

  @Override
  public void revoke(long id) {
    Void unused = Answers.await(revoked(id));
  }

  private CompletableFuture<Optional<io.leasehold.client.LeaseStatus>> status(
      long id, boolean withKeys) {
    LeaseTimeToLiveRequest request =
        LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(withKeys).build();
    return calls
        .call(LeaseGrpc.getLeaseTimeToLiveMethod(), request, Repeat.READ)
        .thenApply(answered -> status(answered.answer()));
  }

  private static Optional<io.leasehold.client.LeaseStatus> status(LeaseTimeToLiveResponse answer) {
    if (answer.getTTL() < 0) {
      return Optional.empty();
    }
    List<Bytes> keys = answer.getKeysList().stream().map(Messages::bytes).sorted().toList();
    return Optional.of(
        new io.leasehold.client.LeaseStatus(
            answer.getID(),
            Duration.ofSeconds(answer.getGrantedTTL()),
            Duration.ofSeconds(answer.getTTL()),
            keys));
  }

  @Override
  public CompletableFuture<Optional<io.leasehold.client.LeaseStatus>> timeToLiveAsync(
      long id, boolean withKeys) {
    return Answers.on(callbacks, status(id, withKeys));
  }

  @Override
  public Optional<io.leasehold.client.LeaseStatus> timeToLive(long id, boolean withKeys) {
    return Answers.await(status(id, withKeys));
  }

  private CompletableFuture<List<Long>> listed() {
    return calls
        .call(
            LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance(), Repeat.READ)
        .thenApply(a -> a.answer().getLeasesList().stream().map(LeaseStatus::getID).toList());
  }

  @Override
  public CompletableFuture<List<Long>> listAsync() {
    return Answers.on(callbacks, listed());
  }

  @Override
  public List<Long> list() {
    return Answers.await(listed());
  }

  private CompletableFuture<GrantedLease> renewed(long id) {
    LeaseKeepAliveRequest request = LeaseKeepAliveRequest.newBuilder().setID(id).build();
    return calls
        .call(LeaseGrpc.getLeaseKeepAliveMethod(), request, Repeat.SAFE)
        .thenApply(answered -> renewed(id, answered.answer().getTTL(), answered));
  }

  private GrantedLease renewed(long id, long ttlSeconds, Answered<?> answered) {
    if (ttlSeconds <= 0) {
      throw new LeaseNotFoundException("there is no lease " + Long.toHexString(id), null);
    }
    return granted(id, ttlSeconds, answered.sentNanos());
  }

  @Override
  public CompletableFuture<GrantedLease> keepAliveOnceAsync(long id) {
    return Answers.on(callbacks, renewed(id));
  }

  @Override
  public GrantedLease keepAliveOnce(long id) {
    return Answers.await(renewed(id));
  }

  @Override
  public KeptLease keepAlive(GrantedLease lease, LeaseListener listener) {
    return kept.keep(lease, listener);
  }

  @Override
  public KeptLease keepAlive(long id, LeaseListener listener) {
    return kept.keep(requireId(id), listener);
  }
}
