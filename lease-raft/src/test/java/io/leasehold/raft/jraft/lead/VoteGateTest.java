package io.leasehold.raft.jraft.lead;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class VoteGateTest {
  private static final long WINDOW = 800;
  private static final long TRANSFER_WINDOW = 1000;

  private final AtomicLong now = new AtomicLong(5_000);
  private final VoteGate gate = new VoteGate(now::get, WINDOW, TRANSFER_WINDOW);

  @Test
  void aMemberThatJustStartedNeitherGrantsNorAsks() {
    now.addAndGet(WINDOW - 1);
    assertThat(consider(false)).isFalse();
    assertThat(gate.mayAskForVotes(8, false)).isFalse();
    now.addAndGet(1);
    assertThat(consider(false)).isTrue();
    assertThat(gate.mayAskForVotes(8, false)).isTrue();
  }

  @Test
  void aLeaderThatWasHeardIsAssumedToLiveForTheWindow() {
    now.addAndGet(10 * WINDOW);
    gate.leaderHeard(3, WINDOW);
    now.addAndGet(WINDOW - 1);
    assertThat(consider(false)).isFalse();
    assertThat(gate.mayAskForVotes(8, false)).isFalse();
    now.addAndGet(1);
    assertThat(consider(false)).isTrue();
  }

  @Test
  void aDeposedLeaderIsNotHeard() {
    gate.leaderHeard(3, WINDOW);
    now.addAndGet(WINDOW);
    gate.leaderHeard(2, WINDOW);
    assertThat(consider(false)).isTrue();
  }

  @Test
  void aTransferPassesTheGate() {
    gate.leaderHeard(3, WINDOW);
    assertThat(consider(true)).isTrue();
  }

  @Test
  void anAppointedSuccessorMayAskForOneWindowOnly() {
    gate.leaderHeard(3, WINDOW);
    assertThat(gate.isSuccessor(8, false)).isFalse();
    gate.appointedSuccessor(7);
    assertThat(gate.isSuccessor(8, true)).isFalse();
    assertThat(gate.isSuccessor(9, false)).isFalse();
    assertThat(gate.isSuccessor(8, false)).isTrue();
    assertThat(gate.mayAskForVotes(8, false)).isTrue();
    now.addAndGet(TRANSFER_WINDOW);
    gate.leaderHeard(3, WINDOW);
    assertThat(gate.isSuccessor(8, false)).isFalse();
    assertThat(gate.mayAskForVotes(8, false)).isFalse();
  }

  @Test
  void hearingFromTheLeaderWaitsForAVoteUnderWay() throws Exception {
    now.addAndGet(WINDOW);
    CountDownLatch voting = new CountDownLatch(1);
    CountDownLatch mayGrant = new CountDownLatch(1);
    AtomicBoolean granted = new AtomicBoolean();
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<?> vote =
          threads.submit(
              () ->
                  gate.considerVote(
                      false,
                      () -> {
                        voting.countDown();
                        await(mayGrant);
                        granted.set(true);
                        return true;
                      }));
      assertThat(voting.await(10, TimeUnit.SECONDS)).isTrue();
      Future<Boolean> answered =
          threads.submit(
              () -> {
                gate.leaderHeard(4, WINDOW);
                return granted.get();
              });
      mayGrant.countDown();
      assertThat(answered.get(10, TimeUnit.SECONDS)).as("granted before the answer").isTrue();
      vote.get(10, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
  }

  /**
   * The promise the leader lease rests on: once a message of the leader is being handled, no vote
   * is granted any more. Many rounds of one voter against one leader, started together.
   */
  @Test
  void noVoteIsGrantedAfterALeaderWasHeard() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    AtomicInteger broken = new AtomicInteger();
    try {
      for (int round = 0; round < 3_000; round++) {
        AtomicLong time = new AtomicLong();
        VoteGate raced = new VoteGate(time::get, WINDOW, TRANSFER_WINDOW);
        time.set(WINDOW); // open until the leader is heard
        AtomicBoolean acknowledged = new AtomicBoolean();
        CountDownLatch start = new CountDownLatch(1);
        Future<?> leader =
            threads.submit(
                () -> {
                  await(start);
                  raced.leaderHeard(1, WINDOW);
                  acknowledged.set(true);
                });
        Future<?> voter =
            threads.submit(
                () -> {
                  await(start);
                  raced.considerVote(
                      false,
                      () -> {
                        if (acknowledged.get()) {
                          broken.incrementAndGet();
                        }
                        return true;
                      });
                });
        start.countDown();
        leader.get(10, TimeUnit.SECONDS);
        voter.get(10, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(broken).hasValue(0);
  }

  private boolean consider(boolean transfer) {
    return gate.considerVote(transfer, () -> true) != null;
  }

  private static void await(CountDownLatch latch) {
    try {
      if (!latch.await(10, TimeUnit.SECONDS)) {
        throw new AssertionError("nobody released the latch");
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
