package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.rpc.RaftClientService;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexRequest;
import com.alipay.sofa.jraft.rpc.RpcRequests.ReadIndexResponse;
import com.alipay.sofa.jraft.rpc.RpcResponseClosureAdapter;
import io.leasehold.raft.Replica.Leadership;
import io.leasehold.raft.jraft.lead.SharedRounds;
import io.leasehold.raft.jraft.rpc.ReadIndexSource;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Linearizable reads after Raft's read index (dissertation, section 6.4): the leader says how far
 * the log may have been seen to be committed, proves that it led after it looked, and the reading
 * member waits until it has applied that much. While the leader has its lease, the proof costs
 * nothing, so a follower's barrier is one question to the leader. Calls share questions.
 *
 * <p>A change of the configuration has an index, too, but the state machine does not always hear
 * that it was applied: so that nobody waits for such an index until the next command comes, the
 * leader puts one behind it.
 *
 * <p>The leader of a term answers once it was promoted, and so has applied what earlier terms
 * committed. Any thread; nothing blocks.
 */
final class ReadBarrier implements ReadIndexSource {
  private static final Logger LOG = LoggerFactory.getLogger(ReadBarrier.class);

  /** So long the leader may be behind before it is taken to wait for nothing but a command. */
  private static final long BEHIND_MILLIS = 20;

  private final LeadershipView view;
  private final LeadershipProof proof;
  private final CommitHorizon horizon;
  private final AppliedWaiters waiters;
  private final Function<String, PeerId> peers;
  private final PeerId own;
  private final int timeoutMillis;
  private final ScheduledExecutorService timer;
  private final Runnable mark;
  private final AtomicBoolean isLookPlanned = new AtomicBoolean();
  private final SharedRounds<Long> questions = new SharedRounds<>(this::askLeader, UNKNOWN);
  private volatile @Nullable RaftClientService client;

  /**
   * @param peers gives the address of the member with that name
   * @param mark proposes a command that changes nothing, if this member leads
   */
  ReadBarrier(
      LeadershipView view,
      LeadershipProof proof,
      CommitHorizon horizon,
      AppliedWaiters waiters,
      Function<String, PeerId> peers,
      PeerId own,
      int timeoutMillis,
      ScheduledExecutorService timer,
      Runnable mark) {
    this.view = view;
    this.proof = proof;
    this.horizon = horizon;
    this.waiters = waiters;
    this.peers = peers;
    this.own = own;
    this.timeoutMillis = timeoutMillis;
    this.timer = timer;
    this.mark = mark;
  }

  void start(RaftClientService started) {
    client = started;
  }

  void stop() {
    client = null;
  }

  /** As {@link io.leasehold.raft.Replica#readBarrier}. */
  void pass(Consumer<Boolean> done) {
    if (view.leadership().isLeader()) {
      readIndex(index -> whenApplied(index, done));
    } else {
      questions.join(index -> whenApplied(index, done));
    }
  }

  private void whenApplied(long index, Consumer<Boolean> done) {
    if (index == UNKNOWN) {
      done.accept(false);
    } else {
      waiters.whenApplied(index, () -> done.accept(true));
    }
  }

  @Override
  public void readIndex(LongConsumer done) {
    Leadership leadership = view.leadership();
    if (!leadership.isLeader()) {
      done.accept(UNKNOWN);
      return;
    }
    // Read before leadership is proven: what others commit from then on is not asked for.
    long index = horizon.index();
    lookWhetherApplied(index);
    proof.barrier(leadership.term(), isProven -> done.accept(isProven ? index : UNKNOWN));
  }

  private void lookWhetherApplied(long index) {
    if (waiters.appliedIndex() >= index || !isLookPlanned.compareAndSet(false, true)) {
      return;
    }
    try {
      var unused = timer.schedule(() -> markIfBehind(index), BEHIND_MILLIS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      LOG.debug("stopping", e);
    }
  }

  private void markIfBehind(long index) {
    isLookPlanned.set(false);
    if (waiters.appliedIndex() < index && view.leadership().isLeader()) {
      mark.run();
      lookWhetherApplied(index);
    }
  }

  private void askLeader(Consumer<Long> done) {
    Leadership leadership = view.leadership();
    RaftClientService by = client;
    if (leadership.isLeader()) {
      readIndex(done::accept);
      return;
    }
    String leader = leadership.leader();
    if (leader == null || by == null) {
      done.accept(UNKNOWN);
      return;
    }
    PeerId to = peers.apply(leader);
    ReadIndexRequest request =
        ReadIndexRequest.newBuilder()
            .setGroupId(RaftSettings.GROUP)
            .setServerId(own.toString())
            .setPeerId(to.toString())
            .build();
    var unused =
        by.readIndex(
            to.getEndpoint(),
            request,
            timeoutMillis,
            new RpcResponseClosureAdapter<ReadIndexResponse>() {
              @Override
              public void run(Status status) {
                ReadIndexResponse response = getResponse();
                boolean isAnswered = status.isOk() && response != null && response.getSuccess();
                done.accept(isAnswered ? response.getIndex() : UNKNOWN);
              }
            });
  }
}
