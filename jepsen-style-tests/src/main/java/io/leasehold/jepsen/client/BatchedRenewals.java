package io.leasehold.jepsen.client;

import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Renewals by {@code leasehold.v1}: all that are due together in one message, whatever their TTLs.
 *
 * <p>The answer promises each lease its own TTL, and names the shortest. Where it does so, the
 * listener is told what each was promised; where it names another, that.
 */
final class BatchedRenewals extends RenewalStream {
  private final ClientCall<RenewBatchRequest, RenewBatchResponse> call;
  private final StreamObserver<RenewBatchRequest> requests;
  private final RunClock clock;

  /** Leases of each batch under way, with their TTLs in seconds. */
  private final Map<Long, Map<Long, Long>> underWay = new ConcurrentHashMap<>();

  private Map<Long, Long> gathered = new LinkedHashMap<>();
  private long sequence;

  BatchedRenewals(String member, Channel channel, RunClock clock, Listener listener) {
    super(member, listener);
    this.clock = clock;
    call = call(channel, RenewalsGrpc.getRenewBatchMethod());
    requests = begin(call, clock, this::answered);
  }

  @Override
  void renew(long leaseId, long ttlSeconds) {
    gathered.put(leaseId, ttlSeconds);
  }

  @Override
  void flush() {
    if (gathered.isEmpty()) {
      return;
    }
    sequence++;
    Map<Long, Long> batch = gathered;
    gathered = new LinkedHashMap<>();
    underWay.put(sequence, batch);
    requests.onNext(
        RenewBatchRequest.newBuilder()
            .setSequence(sequence)
            .addAllLeaseIds(batch.keySet())
            .build());
  }

  private void answered(RenewBatchResponse answer) {
    long returnedNanos = clock.nowNanos();
    @Nullable Map<Long, Long> batch = underWay.remove(answer.getSequence());
    if (batch == null) {
      return;
    }
    Set<Long> notFound = Set.copyOf(answer.getNotFoundList());
    Set<Long> undecided = Set.copyOf(answer.getUndecidedList());
    long commonSeconds = answer.getTtlMillis() / 1000;
    long shortestSeconds =
        batch.entrySet().stream()
            .filter(e -> !notFound.contains(e.getKey()) && !undecided.contains(e.getKey()))
            .mapToLong(Map.Entry::getValue)
            .min()
            .orElse(0);
    batch.forEach(
        (leaseId, ttlSeconds) -> {
          if (undecided.contains(leaseId)) {
            listener.undecided(this, leaseId, returnedNanos);
            return;
          }
          long promised = commonSeconds == shortestSeconds ? ttlSeconds : commonSeconds;
          listener.answered(
              this,
              leaseId,
              notFound.contains(leaseId) ? 0 : promised,
              answer.getHeader(),
              returnedNanos);
        });
  }

  @Override
  void cancel(String why) {
    call.cancel(why, null);
  }
}
