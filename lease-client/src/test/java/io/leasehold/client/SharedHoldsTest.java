package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.MadeUpCluster.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Read-write locks and semaphores before a made-up cluster. */
@Timeout(60)
final class SharedHoldsTest {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final Duration NOW = Duration.ZERO;

  private final MadeUpCluster cluster = new MadeUpCluster();
  private final Session session = session();

  @AfterEach
  void end() {
    cluster.close();
  }

  private Session session() {
    return Session.open(cluster, TTL, OnLoss.STAY_LOST);
  }

  private void awaitInLine(String prefix, int places) {
    cluster.awaitThat("all stand in line", () -> cluster.line(prefix).size() == places);
  }

  private void awaitWatches(int count) {
    cluster.awaitThat("all wait", () -> cluster.watchCount() == count);
  }

  @Test
  void readersShareAndAWriterWaitsForThem() throws Exception {
    DistributedReadWriteLock lock = session.readWriteLock("rw");
    Hold one = lock.read();
    Hold two = session().readWriteLock("rw").read();
    assertThat(lock.tryWrite(NOW)).isEmpty();
    Call<Hold> writing = Call.start(lock::write);
    awaitWatches(1);
    two.close();
    awaitWatches(1);
    assertThat(writing.isDone()).isFalse();
    one.close();
    Hold writer = writing.get();
    assertThat(writer.isHeld()).isTrue();
    assertThat(writer.fencingToken())
        .isGreaterThan(Math.max(one.fencingToken(), two.fencingToken()));
    assertThat(lock.tryRead(NOW)).isEmpty();
    assertThat(lock.tryWrite(NOW)).isEmpty();
    writer.close();
    assertThat(cluster.line("rw/")).isEmpty();
  }

  @Test
  void aWriterIsNotOvertakenByReadersThatComeLater() throws Exception {
    DistributedReadWriteLock lock = session.readWriteLock("rw");
    Hold early = lock.read();
    Call<Hold> writing = Call.start(lock::write);
    awaitWatches(1);
    Call<Hold> late = Call.start(lock::read);
    awaitWatches(2);
    early.close();
    Hold writer = writing.get();
    assertThat(late.isDone()).isFalse();
    writer.close();
    assertThat(late.get().fencingToken()).isGreaterThan(writer.fencingToken());
  }

  @Test
  void aWriterThatGivesUpLetsReadersIn() throws Exception {
    DistributedReadWriteLock lock = session.readWriteLock("rw");
    try (Hold early = lock.read()) {
      Call<Hold> writing = Call.start(lock::write);
      awaitWatches(1);
      Call<Hold> late = Call.start(lock::read);
      awaitWatches(2);
      writing.interrupt();
      InterruptedException unused = writing.failure(InterruptedException.class);
      assertThat(late.get().isHeld()).isTrue();
      assertThat(early.isHeld()).isTrue();
    }
  }

  @Test
  void permitsAreGivenInOrderAndNoMoreThanThereAre() throws Exception {
    DistributedSemaphore semaphore = session.semaphore("s", 2);
    Hold first = semaphore.acquire();
    Hold second = semaphore.acquire();
    assertThat(semaphore.tryAcquire(NOW)).isEmpty();
    List<Call<Hold>> waiting = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      waiting.add(Call.start(session().semaphore("s", 2)::acquire));
      awaitWatches(i);
    }
    second.close();
    Hold third = waiting.get(0).get();
    awaitWatches(2);
    first.close();
    Hold fourth = waiting.get(1).get();
    awaitWatches(1);
    assertThat(fourth.fencingToken()).isGreaterThan(third.fencingToken());
    assertThat(waiting.get(2).isDone()).isFalse();
    fourth.close();
    assertThat(waiting.get(2).get().isHeld()).isTrue();
  }

  @Test
  void whoWaitsIsNotWokenByThoseWhoCameLater() throws Exception {
    Hold held = session.semaphore("s", 1).acquire();
    DistributedSemaphore semaphore = session.semaphore("s", 2);
    Hold second = semaphore.acquire();
    Call<Hold> waiting = Call.start(semaphore::acquire);
    awaitWatches(1);
    int reads = cluster.asked(Kind.READ);
    Call<Hold> later = Call.start(semaphore::acquire);
    awaitInLine("s/", 4);
    awaitWatches(2);
    later.interrupt();
    InterruptedException unused = later.failure(InterruptedException.class);
    cluster.settle();
    assertThat(cluster.asked(Kind.READ)).isEqualTo(reads + 1);
    assertThat(waiting.isDone()).isFalse();
    second.close();
    assertThat(waiting.get().isHeld()).isTrue();
    held.close();
  }

  @Test
  void thePermitOfALeaseThatEndsPassesOn() throws Exception {
    Session doomed = session();
    Hold held = doomed.semaphore("s", 1).acquire();
    Call<Hold> waiting = Call.start(session.semaphore("s", 1)::acquire);
    awaitWatches(1);
    cluster.endLease(doomed.leaseId());
    assertThat(waiting.get().isHeld()).isTrue();
    cluster.pass(TTL);
    assertThat(held.isHeld()).isFalse();
    assertThat(held.remaining()).isZero();
    held.close();
    assertThatThrownBy(() -> doomed.semaphore("s", 1).acquire())
        .isInstanceOf(LeaseLostException.class);
  }

  @Test
  void aSessionThatIsLostTakesNoPlaceThoughTheClusterSpeaksAgain() {
    Session doomed = session();
    cluster.fallSilent();
    cluster.pass(TTL);
    cluster.speak();
    int asked = cluster.asked(Kind.COMMIT);
    assertThatThrownBy(() -> doomed.semaphore("s", 1).acquire())
        .isInstanceOfSatisfying(
            LeaseLostException.class,
            lost -> assertThat(lost.reason()).isEqualTo(LossReason.UNREACHABLE));
    assertThat(cluster.asked(Kind.COMMIT)).isEqualTo(asked);
  }

  @Test
  void historyThatIsCompactedWhileWaitingForAPermitCostsNobodyItsTurn() throws Exception {
    DistributedSemaphore semaphore = session.semaphore("s", 2);
    Hold one = semaphore.acquire();
    Hold two = semaphore.acquire();
    Call<Hold> waiting = Call.start(semaphore::acquire);
    awaitWatches(1);
    cluster.holdWatches();
    one.close();
    cluster.put("elsewhere", "x");
    cluster.compact();
    cluster.releaseWatches();
    assertThat(waiting.get().isHeld()).isTrue();
    assertThat(two.isHeld()).isTrue();
  }

  @Test
  void aPermitWhoseAnswerWasLostIsNobodys() throws Exception {
    DistributedSemaphore semaphore = session.semaphore("s", 1);
    cluster.loseAnswer(Kind.COMMIT);
    assertThatThrownBy(semaphore::acquire).isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.line("s/")).isEmpty();
    assertThat(semaphore.tryAcquire(NOW)).isPresent();
  }

  @Test
  void aLeaseThatIsLostWhileItsPlaceIsTakenHoldsNothing() {
    cluster.after(Kind.COMMIT, () -> cluster.pause(TTL.plusSeconds(1)));
    assertThatThrownBy(() -> session.semaphore("s", 1).acquire())
        .isInstanceOf(LeaseLostException.class);
  }

  @Test
  void workDoesNotBeginUnderWhatIsLost() throws Exception {
    Hold hold = session.semaphore("s", 1).acquire();
    AtomicBoolean hasBegun = new AtomicBoolean();
    cluster.pause(TTL.plusSeconds(1));
    assertThatThrownBy(() -> hold.runWhileHeld(() -> hasBegun.getAndSet(true)))
        .isInstanceOf(LeaseLostException.class);
    assertThat(hasBegun).isFalse();
  }

  @Test
  void workThatWasPausedPastItsHoldDoesNotPassForDone() throws Exception {
    Hold hold = session.semaphore("s", 1).acquire();
    assertThatThrownBy(
            () ->
                hold.runWhileHeld(
                    () -> {
                      cluster.pause(TTL.plusSeconds(1));
                      return true;
                    }))
        .isInstanceOf(LeaseLostException.class);
  }

  @Test
  void workThatBeginsAtRiskIsInterruptedAndLeavesNoInterruptBehind() throws Exception {
    Hold hold = session.semaphore("s", 1).acquire();
    cluster.fallSilent();
    cluster.pass(Duration.ofMillis(3600));
    assertThat(hold.isHeld()).isTrue();
    assertThat(hold.runWhileHeld(() -> Thread.currentThread().isInterrupted())).isTrue();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aHoldIsGivenBackOnce() throws Exception {
    Optional<Hold> held = session.semaphore("s", 1).tryAcquire(NOW);
    Hold hold = held.orElseThrow();
    assertThat(hold.isHeld()).isTrue();
    assertThat(hold.remaining()).isPositive();
    assertThat(cluster.entry(hold.key().text())).isPresent();
    hold.close();
    int asked = cluster.asked(Kind.COMMIT);
    hold.close();
    assertThat(cluster.asked(Kind.COMMIT)).isEqualTo(asked);
    assertThat(hold.isHeld()).isFalse();
    assertThatThrownBy(() -> hold.runWhileHeld(() -> true))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aHoldThatIsGivenBackToASilentClusterIsWaitedForNoLongerThanItLives() throws Exception {
    Hold hold = session.readWriteLock("rw").write();
    cluster.fallSilent();
    int asked = cluster.asked(Kind.COMMIT);
    Call<Boolean> closing = Call.run(hold::close);
    cluster.awaitThat("it is asked to", () -> cluster.asked(Kind.COMMIT) == asked + 1);
    cluster.pass(TTL);
    assertThat(closing.get()).isTrue();
  }

  @Test
  void aSemaphoreWithoutPermitsIsRefused() {
    assertThatThrownBy(() -> session.semaphore("s", 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
