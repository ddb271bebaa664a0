package io.leasehold.core.lessor;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Renewals of leases that carry a checkpoint, gathered into commands that clear the checkpoints
 * (rule S5).
 *
 * <p>A renewal joins a command that has not been proposed yet, never one already under way: the
 * commit that acknowledges it must come after it was received, so that it proves leadership as well
 * (rule S6). Confined to the owner thread.
 */
final class CheckpointClears {
  /** The renewals that one command answers, by lease. */
  static final class Batch {
    final Map<Long, List<Renewal.Callback>> renewals = new HashMap<>();

    long[] leaseIds() {
      return renewals.keySet().stream().mapToLong(Long::longValue).toArray();
    }
  }

  private final int batchMax;
  private final List<Batch> gathering = new ArrayList<>();
  private final Set<Batch> underWay = new LinkedHashSet<>();

  /**
   * How many batches, gathering or proposed, clear a lease; while one does, no checkpoint of it is
   * taken.
   */
  private final Map<Long, Integer> clearing = new HashMap<>();

  private int waiting;

  CheckpointClears(int batchMax) {
    this.batchMax = batchMax;
  }

  void add(long leaseId, Renewal.Callback callback) {
    Batch last = gathering.isEmpty() ? null : gathering.get(gathering.size() - 1);
    if (last == null || (last.renewals.size() >= batchMax && !last.renewals.containsKey(leaseId))) {
      last = new Batch();
      gathering.add(last);
    }
    List<Renewal.Callback> callbacks = last.renewals.get(leaseId);
    if (callbacks == null) {
      callbacks = new ArrayList<>(1);
      last.renewals.put(leaseId, callbacks);
      clearing.merge(leaseId, 1, Integer::sum);
    }
    callbacks.add(callback);
    waiting++;
  }

  /** Returns the batches to propose now, and starts to gather new ones. */
  List<Batch> take() {
    if (gathering.isEmpty()) {
      return List.of();
    }
    List<Batch> taken = List.copyOf(gathering);
    gathering.clear();
    underWay.addAll(taken);
    return taken;
  }

  /** Returns every batch that is not answered yet, proposed or not. */
  List<Batch> takeAll() {
    take();
    return List.copyOf(underWay);
  }

  boolean isUnderWay(Batch batch) {
    return underWay.contains(batch);
  }

  /** Notes that a batch was answered. */
  void answered(Batch batch) {
    underWay.remove(batch);
    for (Map.Entry<Long, List<Renewal.Callback>> entry : batch.renewals.entrySet()) {
      clearing.computeIfPresent(entry.getKey(), (id, count) -> count == 1 ? null : count - 1);
      waiting -= entry.getValue().size();
    }
  }

  boolean isClearing(long leaseId) {
    return !clearing.isEmpty() && clearing.containsKey(leaseId);
  }

  int waiting() {
    return waiting;
  }
}
