package io.leasehold.server.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.FakeCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A batch on its way to a leader that answers when and what the test says. */
@Timeout(60)
final class RenewBatchRequestTest {
  private static final long SECONDS_MAX = 20;

  private final FakeCluster replicas =
      new FakeCluster(System::nanoTime, TimeUnit.SECONDS.toNanos(1), "n1", "n2");
  private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();
  private LeaseRouter router;

  /** An attempt, as the leader sees it. */
  private record Asked(List<Long> leaseIds, Leader.BatchAnswer answer) {
    void renewed(long ttlMillis, int... positions) {
      answer.answered(BatchPart.renewed(listOf(positions), ttlMillis));
    }

    void notFound(int... positions) {
      answer.answered(BatchPart.notFound(listOf(positions)));
    }

    void tryAgain(int... positions) {
      answer.answered(BatchPart.tryAgain(listOf(positions)));
    }
  }

  private record Answered(long ttlMillis, List<Long> notFound, List<Long> undecided) {}

  private static Positions listOf(int... positions) {
    Positions list = new Positions();
    for (int position : positions) {
      list.add(position);
    }
    return list;
  }

  private static List<Long> listOf(long... ids) {
    return LongStream.of(ids).boxed().toList();
  }

  @BeforeEach
  void start() {
    replicas.elect("n2");
    Await.until(() -> replicas.replica("n1").leadership().leader() != null);
    router =
        new LeaseRouter(
            "n1",
            replicas.replica("n1"),
            new LocalLeader(replicas.replica("n1"), System::nanoTime, result -> {}),
            name -> new Remote(),
            System::nanoTime,
            () -> 1,
            scheduler);
    router.start();
  }

  @AfterEach
  void stop() {
    router.close();
    scheduler.shutdownNow();
    replicas.close();
  }

  private CompletableFuture<Answered> renew(long... leaseIds) {
    CompletableFuture<Answered> result = new CompletableFuture<>();
    router.renew(
        leaseIds,
        new LeaseRouter.BatchCallback() {
          @Override
          public void answered(long ttlMillis, long[] notFound, long[] undecided) {
            boolean isFirst =
                result.complete(new Answered(ttlMillis, listOf(notFound), listOf(undecided)));
            assertThat(isFirst).isTrue();
          }

          @Override
          public void failed(RequestFailure failure) {
            result.completeExceptionally(new IllegalStateException(failure.name()));
          }
        });
    return result;
  }

  private Asked nextAttempt() throws InterruptedException {
    Asked attempt = asked.poll(SECONDS_MAX, TimeUnit.SECONDS);
    assertThat(attempt).isNotNull();
    return attempt;
  }

  private static Answered answer(CompletableFuture<Answered> batch) throws Exception {
    return batch.get(SECONDS_MAX, TimeUnit.SECONDS);
  }

  @Test
  void partsMakeOneAnswerInTheOrderAsked() throws Exception {
    CompletableFuture<Answered> batch = renew(10, 11, 12, 13, 14);
    Asked attempt = nextAttempt();
    assertThat(attempt.leaseIds()).containsExactly(10L, 11L, 12L, 13L, 14L);
    attempt.notFound(4);
    attempt.renewed(30_000, 0, 2);
    attempt.notFound(1);
    assertThat(batch).isNotDone();
    attempt.renewed(20_000, 3);
    assertThat(answer(batch)).isEqualTo(new Answered(20_000, listOf(11L, 14L), List.of()));
    assertThat(router.waiting()).isZero();
  }

  @Test
  void onlyWhatWasNotDecidedIsAskedForAgain() throws Exception {
    CompletableFuture<Answered> batch = renew(10, 11, 12, 13);
    Asked first = nextAttempt();
    first.tryAgain(0, 1, 2, 3);
    Asked second = nextAttempt();
    assertThat(second.leaseIds()).containsExactly(10L, 11L, 12L, 13L);
    second.answer().answered(new BatchPart(listOf(1), 30_000, listOf(2), listOf(0, 3)));
    Asked third = nextAttempt();
    assertThat(third.leaseIds()).containsExactly(10L, 13L);
    third.renewed(40_000, 1);
    third.notFound(0);
    assertThat(answer(batch)).isEqualTo(new Answered(30_000, listOf(10L, 12L), List.of()));
  }

  @Test
  void whatIsStillOpenSomeTimeAfterTheFirstPartIsUndecided() throws Exception {
    CompletableFuture<Answered> batch = renew(10, 11, 12);
    Asked attempt = nextAttempt();
    attempt.renewed(30_000, 1);
    assertThat(answer(batch)).isEqualTo(new Answered(30_000, List.of(), listOf(10L, 12L)));
    // Too late to matter, and told to nobody.
    attempt.renewed(30_000, 0);
    attempt.tryAgain(2);
    assertThat(router.waiting()).isZero();
  }

  @Test
  void batchOfWhichNothingIsKnownWaits() throws Exception {
    CompletableFuture<Answered> batch = renew(10, 11);
    Asked attempt = nextAttempt();
    // As long as several times the grace that others have.
    for (int i = 0; i < 10; i++) {
      attempt.tryAgain(0, 1);
      attempt = nextAttempt();
    }
    assertThat(batch).isNotDone();
    attempt.renewed(30_000, 0, 1);
    assertThat(answer(batch)).isEqualTo(new Answered(30_000, List.of(), List.of()));
  }

  @Test
  void largeBatchesTakeMoreOfTheRoomForWaitingRequests() throws Exception {
    List<CompletableFuture<Answered>> batches = new ArrayList<>();
    long[] full = new long[LeaseRouter.BATCH_LEASES_MAX];
    int room = LeaseRouter.REQUESTS_MAX / (1 + LeaseRouter.BATCH_LEASES_MAX / 16);
    for (int i = 0; i <= room; i++) {
      batches.add(renew(full));
    }
    assertThat(batches.get(room))
        .failsWithin(1, TimeUnit.SECONDS)
        .withThrowableThat()
        .withMessageContaining(RequestFailure.OVERLOADED.name());
    assertThat(router.waiting()).isEqualTo(room);
    nextAttempt()
        .answer()
        .answered(BatchPart.notFound(Positions.before(LeaseRouter.BATCH_LEASES_MAX)));
    assertThat(renew(full)).isNotDone();
  }

  /** The leader. */
  private final class Remote implements Leader {
    @Override
    public void renewAll(long[] leaseIds, BatchAnswer answer) {
      asked.add(new Asked(listOf(leaseIds), answer));
    }

    @Override
    public void renew(long leaseId, RenewalAnswer answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void remaining(long leaseId, RemainingAnswer answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void grant(long term, long leaseId, long ttlMillis, ProposalAnswer answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void revoke(long term, long leaseId, ProposalAnswer answer) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void propose(long term, Command command, int bytes, OutcomeAnswer answer) {
      throw new UnsupportedOperationException();
    }
  }
}
