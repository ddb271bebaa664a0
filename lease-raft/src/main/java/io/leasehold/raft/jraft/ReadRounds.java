package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.closure.ReadIndexClosure;
import io.leasehold.raft.jraft.lead.SharedRounds;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of JRaft's read index: the leader asks a majority whether it still leads, and this member
 * waits until it has applied what was committed by then. Calls share rounds. Any thread.
 */
final class ReadRounds {
  private static final byte[] NO_CONTEXT = new byte[0];

  private final int timeoutMillis;
  private final SharedRounds rounds = new SharedRounds(this::run);
  private volatile @Nullable Node node;

  ReadRounds(int timeoutMillis) {
    this.timeoutMillis = timeoutMillis;
  }

  void start(Node started) {
    node = started;
  }

  void stop() {
    node = null;
  }

  /** Calls back with whether a round that began after this call succeeded in time. */
  void join(Consumer<Boolean> done) {
    rounds.join(done);
  }

  private void run(Consumer<Boolean> done) {
    Node current = node;
    if (current == null) {
      done.accept(false);
      return;
    }
    current.readIndex(
        NO_CONTEXT,
        new ReadIndexClosure(timeoutMillis) {
          @Override
          public void run(Status status, long index, byte[] context) {
            done.accept(status.isOk());
          }
        });
  }
}
