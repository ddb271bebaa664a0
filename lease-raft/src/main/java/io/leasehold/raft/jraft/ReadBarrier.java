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
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Linearizable reads after Raft's read index (dissertation, section 6.4): the leader says how far
 * the log may have been seen to be committed, proves that it led after it looked, and the reading
 * member waits until it has applied that much. While the leader has its lease, the proof costs
 * nothing, so a follower's barrier is one question to the leader. Calls share questions.
 *
 * <p>The leader of a term answers once it was promoted, and so has applied what earlier terms
 * committed. Any thread; nothing blocks.
 */
final class ReadBarrier implements ReadIndexSource {
  private final LeadershipView view;
  private final LeadershipProof proof;
  private final CommitHorizon horizon;
  private final AppliedWaiters waiters;
  private final Function<String, PeerId> peers;
  private final PeerId own;
  private final int timeoutMillis;
  private final SharedRounds<Long> questions = new SharedRounds<>(this::askLeader, UNKNOWN);
  private volatile @Nullable RaftClientService client;

  /**
   * @param peers gives the address of the member with that name
   */
  ReadBarrier(
      LeadershipView view,
      LeadershipProof proof,
      CommitHorizon horizon,
      AppliedWaiters waiters,
      Function<String, PeerId> peers,
      PeerId own,
      int timeoutMillis) {
    this.view = view;
    this.proof = proof;
    this.horizon = horizon;
    this.waiters = waiters;
    this.peers = peers;
    this.own = own;
    this.timeoutMillis = timeoutMillis;
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
    proof.barrier(leadership.term(), isProven -> done.accept(isProven ? index : UNKNOWN));
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
