package io.leasehold.client.internal.grpc;

import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import io.leasehold.client.internal.keepalive.DeadlineRule;
import io.leasehold.client.internal.keepalive.KeepAliveEngine;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Renewals by {@code leasehold.v1}: many leases in a message.
 *
 * <p>The answer names the shortest TTL of all that were renewed. So that this is each lease's own,
 * leases of one TTL travel together, and one whose TTL has to be learnt travels alone. Should it
 * differ all the same, because somebody ended a lease and granted another under its ID, it holds
 * for each as the time it lives at least, and its TTL has to be learnt anew.
 */
final class BatchRenewals extends RenewalCall<RenewBatchRequest, RenewBatchResponse> {
  /** What a member takes. */
  private static final int LEASES_MAX = 4096;

  private static final int CAPACITY_MIN = 16;

  private final KeepAliveEngine engine;
  private final long number;

  /** What was gathered, by TTL. */
  private final Map<Long, Batch> gathered = new HashMap<>();

  /** What was sent and has no answer, by sequence number. */
  private final Map<Long, Batch> sent = new HashMap<>();

  private long sequence;

  BatchRenewals(
      Endpoint endpoint, Executor owner, Hearer hearer, KeepAliveEngine engine, long number) {
    super(endpoint, RenewalsGrpc.getRenewBatchMethod(), owner, hearer);
    this.engine = engine;
    this.number = number;
  }

  /** Leases that travel together. */
  private static final class Batch {
    final long ttlNanos;
    private long[] leaseIds = new long[CAPACITY_MIN];
    private int size;

    Batch(long ttlNanos) {
      this.ttlNanos = ttlNanos;
    }

    void add(long leaseId) {
      if (size == leaseIds.length) {
        leaseIds = Arrays.copyOf(leaseIds, size * 2);
      }
      leaseIds[size++] = leaseId;
    }

    /** Returns whether a TTL common to all is that of each. */
    boolean isExact(long commonTtlNanos) {
      return size == 1 || commonTtlNanos == ttlNanos;
    }
  }

  @Override
  void renew(long leaseId, long ttlNanos) {
    if (ttlNanos == KeepAliveEngine.TTL_UNKNOWN) {
      Batch alone = new Batch(ttlNanos);
      alone.add(leaseId);
      send(alone);
      return;
    }
    Batch batch = gathered.computeIfAbsent(ttlNanos, Batch::new);
    batch.add(leaseId);
    if (batch.size == LEASES_MAX) {
      send(batch);
      gathered.remove(ttlNanos);
    }
  }

  @Override
  void flush() {
    gathered.values().forEach(this::send);
    gathered.clear();
  }

  private void send(Batch batch) {
    sequence++;
    sent.put(sequence, batch);
    RenewBatchRequest.Builder request = RenewBatchRequest.newBuilder().setSequence(sequence);
    for (int i = 0; i < batch.size; i++) {
      request.addLeaseIds(batch.leaseIds[i]);
    }
    send(request.build());
  }

  @Override
  void answered(RenewBatchResponse answer) {
    @Nullable Batch batch = sent.remove(answer.getSequence());
    if (batch == null) {
      return;
    }
    Set<Long> notFound = new HashSet<>(answer.getNotFoundList());
    Set<Long> undecided = new HashSet<>(answer.getUndecidedList());
    long ttlNanos = DeadlineRule.ttlNanosOfMillis(answer.getTtlMillis());
    boolean isExact = batch.isExact(ttlNanos);
    for (int i = 0; i < batch.size; i++) {
      long leaseId = batch.leaseIds[i];
      if (notFound.contains(leaseId)) {
        engine.notFound(number, leaseId);
      } else if (undecided.contains(leaseId)) {
        engine.undecided(number, leaseId);
      } else {
        engine.renewed(number, leaseId, ttlNanos, isExact);
      }
    }
  }
}
