package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Node;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When snapshots are taken: after so many entries, one at a time. JRaft takes some by time besides.
 */
final class SnapshotTurns {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotTurns.class);

  private final Supplier<@Nullable Node> node;
  private final Executor executor;
  private final long entries;
  private final AtomicBoolean isUnderWay = new AtomicBoolean();
  private final AtomicLong index = new AtomicLong();

  /**
   * @param node gives nothing while the member does not take part
   * @param executor may wait for JRaft's locks
   * @param entries from one snapshot to the next
   * @param appliedIndex what the state has at the start
   */
  SnapshotTurns(Supplier<@Nullable Node> node, Executor executor, long entries, long appliedIndex) {
    this.node = node;
    this.executor = executor;
    this.entries = entries;
    index.set(appliedIndex);
  }

  /** Returns the entry at which the last snapshot was begun. Any thread. */
  long index() {
    return index.get();
  }

  /** Entries up to this one are in the state. On the apply thread. */
  void applied(long appliedIndex) {
    if (appliedIndex - index.get() >= entries && isUnderWay.compareAndSet(false, true)) {
      index.set(appliedIndex);
      executor.execute(this::take);
    }
  }

  private void take() {
    Node current = node.get();
    if (current == null) {
      isUnderWay.set(false);
      return;
    }
    current.snapshot(
        status -> {
          isUnderWay.set(false);
          if (!status.isOk()) {
            LOG.info("no snapshot was taken: {}", status.getErrorMsg());
          }
        });
  }
}
