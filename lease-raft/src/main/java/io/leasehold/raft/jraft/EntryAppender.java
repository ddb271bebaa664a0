package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.Task;
import com.alipay.sofa.jraft.error.RaftError;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.ProposalResult.Rejection;
import io.leasehold.raft.propose.EntryLog;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Appends entries to JRaft's log, and says of each whether it was applied, certainly not appended,
 * or neither. Any thread.
 */
final class EntryAppender implements EntryLog {
  private volatile @Nullable Node node;

  void start(Node started) {
    node = started;
  }

  void stop() {
    node = null;
  }

  @Override
  public void append(ByteBuffer entry, long term, Callback done) {
    Node current = node;
    if (current == null) {
      done.rejected(Rejection.STOPPING);
      return;
    }
    Task task = new Task(entry, new Appended(done));
    task.setExpectedTerm(term);
    current.apply(task);
  }

  /** Waits for one entry. JRaft runs it once; the apply thread first hands over the outcomes. */
  static final class Appended implements Closure {
    private final Callback done;
    private long index;
    private List<Outcome> outcomes = List.of();

    Appended(Callback done) {
      this.done = done;
    }

    void applied(long appliedIndex, List<Outcome> appliedOutcomes) {
      index = appliedIndex;
      outcomes = appliedOutcomes;
    }

    @Override
    public void run(Status status) {
      if (status.isOk()) {
        done.applied(index, outcomes);
      } else if (status.getRaftError() == RaftError.EBUSY) {
        // The ring or the log is full, or leadership is being handed over: refused before
        // appending.
        done.rejected(isTransfer(status) ? Rejection.NOT_LEADER : Rejection.OVERLOADED);
      } else if (status.getRaftError() == RaftError.EPERM && isRefusedByTerm(status)) {
        done.rejected(Rejection.NOT_LEADER);
      } else {
        done.unknown(String.valueOf(status.getErrorMsg()));
      }
    }

    private static boolean isTransfer(Status status) {
      return String.valueOf(status.getErrorMsg()).contains("transferring");
    }

    /**
     * EPERM also tells of entries that were appended before leadership was lost; those have another
     * text.
     */
    private static boolean isRefusedByTerm(Status status) {
      String text = String.valueOf(status.getErrorMsg());
      return text.startsWith("Is not leader") || text.startsWith("expected_term");
    }
  }
}
