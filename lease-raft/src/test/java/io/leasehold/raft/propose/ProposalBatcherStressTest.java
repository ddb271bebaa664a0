package io.leasehold.raft.propose;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.log.ProposalResult.Rejection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many proposers against a log that answers from a thread of its own. A lease ID names the proposer
 * and the sequence number: {@code proposer << 32 | sequence}.
 */
@Timeout(120)
class ProposalBatcherStressTest {
  private static final int WAIT_SECONDS = 60;

  private final FakeEntryLog log = new FakeEntryLog();
  private final ProposalBatcher batcher = new ProposalBatcher(log);
  private final AtomicBoolean stopped = new AtomicBoolean();

  /** Answers entries until stopped; every seventh or so is rejected or unknown when asked to. */
  private Thread answering(boolean faulty) {
    Random random = new Random(4711);
    Thread thread =
        new Thread(
            () -> {
              while (!stopped.get() || log.hasNext()) {
                FakeEntryLog.Appended entry = log.poll();
                if (entry == null) {
                  Thread.onSpinWait();
                  continue;
                }
                switch (faulty ? random.nextInt(14) : 2) {
                  case 0 -> entry.done().rejected(Rejection.NOT_LEADER);
                  case 1 -> entry.done().unknown("lost");
                  default -> entry.apply();
                }
              }
            });
    thread.start();
    return thread;
  }

  @Test
  void everyProposalIsAnsweredOnceAndOrderIsKeptThroughToTheLog() throws Exception {
    int proposers = 8;
    int each = 20_000;
    AtomicIntegerArray answers = new AtomicIntegerArray(proposers * each);
    CountDownLatch allAnswered = new CountDownLatch(proposers * each);
    Thread answering = answering(true);
    List<Thread> threads = new ArrayList<>();
    for (int p = 0; p < proposers; p++) {
      int proposer = p;
      Thread thread =
          new Thread(
              () -> {
                Semaphore window = new Semaphore(200);
                for (int i = 0; i < each; i++) {
                  int slot = proposer * each + i;
                  window.acquireUninterruptibly();
                  long term = 1L + i / (each / 4);
                  batcher.propose(
                      new Command.Grant((long) (proposer + 1) << 32 | i, 2_000),
                      term,
                      result -> {
                        answers.incrementAndGet(slot);
                        window.release();
                        allAnswered.countDown();
                      });
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(allAnswered.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    stopped.set(true);
    answering.join();
    for (int i = 0; i < answers.length(); i++) {
      assertThat(answers.get(i)).isEqualTo(1);
    }
    Map<Long, Long> last = new HashMap<>();
    for (FakeEntryLog.Appended entry : log.history) {
      for (Command command : entry.commands()) {
        long id = ((Command.Grant) command).leaseId();
        assertThat(entry.term()).isEqualTo(1 + (id & 0xffff_ffffL) / (each / 4));
        Long before = last.put(id >>> 32, id);
        assertThat(before == null || before < id).isTrue();
      }
    }
    assertThat(batcher.inFlight()).isZero();
    assertThat(batcher.queued()).isZero();
  }

  @Test
  void manyProposersInAClosedLoopShareLargeEntries() throws Exception {
    int proposers = 256;
    int rounds = 100;
    CountDownLatch done = new CountDownLatch(proposers);
    for (int p = 1; p <= proposers; p++) {
      proposeInALoop(p, rounds, done);
    }
    // The log answers an entry at a time, oldest first, on this thread, as the apply thread does.
    while (log.hasNext()) {
      log.next().apply();
    }
    assertThat(done.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    int commands = proposers * (rounds + 1);
    assertThat(log.history.size()).isLessThan(commands / 16);
  }

  private void proposeInALoop(long proposer, int left, CountDownLatch done) {
    batcher.propose(
        new Command.Grant(proposer << 32 | left, 2_000),
        1,
        result -> {
          if (left == 0) {
            done.countDown();
          } else {
            proposeInALoop(proposer, left - 1, done);
          }
        });
  }

  @Test
  void closingUnderLoadLeavesNobodyWithoutAnAnswer() throws Exception {
    for (int round = 0; round < 50; round++) {
      FakeEntryLog roundLog = new FakeEntryLog();
      ProposalBatcher roundBatcher = new ProposalBatcher(roundLog);
      int proposers = 4;
      int each = 500;
      AtomicIntegerArray answers = new AtomicIntegerArray(proposers * each);
      CountDownLatch half = new CountDownLatch(proposers * each / 2);
      List<Thread> threads = new ArrayList<>();
      for (int p = 0; p < proposers; p++) {
        int first = p * each;
        Thread thread =
            new Thread(
                () -> {
                  for (int i = first; i < first + each; i++) {
                    int slot = i;
                    roundBatcher.propose(
                        new Command.Grant(1 + i, 2_000),
                        1,
                        result -> answers.incrementAndGet(slot));
                    half.countDown();
                    if (i % 16 == 0) {
                      roundLog.applyAll();
                    }
                  }
                });
        threads.add(thread);
        thread.start();
      }
      assertThat(half.await(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
      roundBatcher.close();
      for (Thread thread : threads) {
        thread.join();
      }
      roundLog.applyAll();
      for (int i = 0; i < answers.length(); i++) {
        assertThat(answers.get(i)).isEqualTo(1);
      }
      assertThat(roundBatcher.queued()).isZero();
      assertThat(roundBatcher.inFlight()).isZero();
    }
  }
}
