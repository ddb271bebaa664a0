package io.leasehold.raft.propose;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.log.ProposalResult.Rejection;
import io.leasehold.raft.codec.EntryCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Packs the commands of concurrent proposers into shared log entries, so that their number is not
 * bounded by one disk flush each.
 *
 * <p>There is no timer: an idle batcher appends at once, and while entries are under way the
 * commands that arrive gather for the next. Whoever arrives when nobody drains the queue drains it;
 * nobody waits and no lock is held while calling out. Commands proposed by one thread for one term
 * keep their order.
 */
public final class ProposalBatcher implements CommandLog, AutoCloseable {
  /**
   * Commands in one entry, a long one counting for more ({@link CommandSize}); more gained nothing
   * when measured.
   */
  static final int ENTRY_WEIGHT_MAX = 64;

  /**
   * Bytes of one entry, by estimate, unless a single command is larger. JRaft takes entries of any
   * length: its bounds on a message (512 KiB) and on a flush (256 KiB) are looked at before the
   * next entry is added, and the longest request is far below what the links between members carry.
   */
  static final int ENTRY_BYTES_MAX = 64 * 1024;

  /** Entries under way at once; more only queue up behind the disk. */
  static final int IN_FLIGHT_MAX = 64;

  /** Bytes under way at once, by estimate: what keeps latency flat when entries are large. */
  static final long IN_FLIGHT_BYTES_MAX = 4 << 20;

  /**
   * Under way at which gathering begins: two entries overlap replication with the disk, and more
   * would leave the entries thin.
   */
  static final int GATHER_FROM = 2;

  /**
   * Commands that wait for an entry. Beyond it proposals are refused: each holds a client's
   * request.
   */
  static final int QUEUE_MAX = 65_536;

  /**
   * Bytes of the commands that wait, by estimate: a second's worth on a slow disk, room for some
   * dozens of the longest requests, and a bound on memory.
   */
  static final long QUEUE_BYTES_MAX = 64 << 20;

  /**
   * Entries that one call appends before it leaves the rest to the next completion, so that no
   * proposer's thread is kept for good.
   */
  static final int ENTRIES_PER_DRAIN_MAX = 64;

  private static final Logger LOG = LoggerFactory.getLogger(ProposalBatcher.class);

  private record Proposal(Command command, CommandSize size, long term, Callback callback) {}

  private final EntryLog log;
  private final ConcurrentLinkedQueue<Proposal> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger queued = new AtomicInteger();
  private final AtomicLong queuedBytes = new AtomicLong();
  private final AtomicInteger drainRequests = new AtomicInteger();
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong inFlightBytes = new AtomicLong();
  private final AtomicLong appended = new AtomicLong();
  private volatile boolean closed;

  public ProposalBatcher(EntryLog log) {
    this.log = log;
  }

  @Override
  public void propose(Command command, long term, Callback callback) {
    if (closed) {
      answer(callback, new ProposalResult.Rejected(Rejection.STOPPING));
      return;
    }
    CommandSize size = CommandSize.of(command);
    int length = queued.incrementAndGet();
    if (queuedBytes.addAndGet(size.bytes()) > QUEUE_BYTES_MAX || length > QUEUE_MAX) {
      leftQueue(size);
      answer(callback, new ProposalResult.Rejected(Rejection.OVERLOADED));
      return;
    }
    queue.add(new Proposal(command, size, term, callback));
    drain();
  }

  /** Refuses what is not appended yet, and everything that comes later. */
  @Override
  public void close() {
    closed = true;
    drain();
  }

  /** Returns how many commands wait for an entry. */
  public int queued() {
    return queued.get();
  }

  /** Returns how many entries are under way. */
  public int inFlight() {
    return inFlight.get();
  }

  /** Returns how many entries were handed to the log so far, whatever became of them. */
  public long appended() {
    return appended.get();
  }

  /**
   * Appends what may be appended; if another thread is at it, that thread looks again before it
   * leaves.
   */
  private void drain() {
    if (drainRequests.getAndIncrement() != 0) {
      return;
    }
    int budget = ENTRIES_PER_DRAIN_MAX;
    int seen = 1;
    do {
      budget = appendWhatMayBe(budget);
      if (budget == 0) {
        drainRequests.set(0);
        // What is still under way drains again when it completes. Were it all complete by now, its
        // requests may be among those just dropped.
        if (inFlight.get() > 0 || queue.isEmpty() || drainRequests.getAndIncrement() != 0) {
          return;
        }
        budget = ENTRIES_PER_DRAIN_MAX;
        seen = 1;
      } else {
        seen = drainRequests.addAndGet(-seen);
      }
    } while (seen != 0);
  }

  /** Appends up to {@code budget} entries; returns what is left of the budget. */
  private int appendWhatMayBe(int budget) {
    for (int left = budget; left > 0; left--) {
      if (closed) {
        refuseAll();
        return left;
      }
      Proposal first = queue.peek();
      if (first == null || !mayAppend()) {
        return left;
      }
      appendEntry(first.term());
    }
    return 0;
  }

  private boolean mayAppend() {
    int underWay = inFlight.get();
    if (underWay >= IN_FLIGHT_MAX || inFlightBytes.get() >= IN_FLIGHT_BYTES_MAX) {
      return false;
    }
    return underWay < GATHER_FROM
        || queued.get() >= ENTRY_WEIGHT_MAX
        || queuedBytes.get() >= ENTRY_BYTES_MAX;
  }

  private void appendEntry(long term) {
    List<Proposal> batch = new ArrayList<>();
    int weight = 0;
    int bytes = 0;
    for (Proposal next = queue.peek(); next != null && next.term() == term; next = queue.peek()) {
      CommandSize size = next.size();
      if (!batch.isEmpty()
          && (weight + size.weight() > ENTRY_WEIGHT_MAX
              || bytes + size.bytes() > ENTRY_BYTES_MAX)) {
        break;
      }
      queue.remove();
      leftQueue(size);
      batch.add(next);
      weight += size.weight();
      bytes += size.bytes();
    }
    appended.incrementAndGet();
    inFlight.incrementAndGet();
    inFlightBytes.addAndGet(bytes);
    Entry entry = new Entry(batch, bytes);
    try {
      List<Command> commands = new ArrayList<>(batch.size());
      batch.forEach(proposal -> commands.add(proposal.command()));
      log.append(EntryCodec.encode(commands), term, entry);
    } catch (RuntimeException e) {
      entry.unknown("append failed: " + e);
    }
  }

  private void refuseAll() {
    for (Proposal next = queue.poll(); next != null; next = queue.poll()) {
      leftQueue(next.size());
      answer(next.callback(), new ProposalResult.Rejected(Rejection.STOPPING));
    }
  }

  private void leftQueue(CommandSize size) {
    queued.decrementAndGet();
    queuedBytes.addAndGet(-size.bytes());
  }

  /** A callback that throws is a bug of its owner, and no reason to leave the others unanswered. */
  private static void answer(Callback callback, ProposalResult result) {
    try {
      callback.complete(result);
    } catch (RuntimeException e) {
      LOG.error("a proposer's callback failed on {}", result, e);
    }
  }

  /** Hands the answer for one entry to those whose commands it carried, exactly once. */
  private final class Entry implements EntryLog.Callback {
    private final int bytes;
    private @Nullable List<Proposal> proposals;

    private Entry(List<Proposal> proposals, int bytes) {
      this.proposals = proposals;
      this.bytes = bytes;
    }

    @Override
    public void applied(long index, List<Outcome> outcomes) {
      List<Proposal> answered = take();
      if (answered == null) {
        return;
      }
      boolean complete = outcomes.size() == answered.size();
      for (int i = 0; i < answered.size(); i++) {
        answer(
            answered.get(i).callback(),
            complete
                ? new ProposalResult.Applied(index, outcomes.get(i))
                : new ProposalResult.Unknown("the log answered for another number of commands"));
      }
      drain();
      if (!complete) {
        throw new IllegalStateException(
            "entry " + index + ": " + outcomes.size() + " outcomes for " + answered.size());
      }
    }

    @Override
    public void rejected(Rejection reason) {
      answerAll(new ProposalResult.Rejected(reason));
    }

    @Override
    public void unknown(String why) {
      answerAll(new ProposalResult.Unknown(why));
    }

    private void answerAll(ProposalResult result) {
      List<Proposal> answered = take();
      if (answered == null) {
        return;
      }
      answered.forEach(proposal -> answer(proposal.callback(), result));
      drain();
    }

    private synchronized @Nullable List<Proposal> take() {
      List<Proposal> taken = proposals;
      if (taken != null) {
        proposals = null;
        inFlight.decrementAndGet();
        inFlightBytes.addAndGet(-bytes);
      }
      return taken;
    }
  }
}
