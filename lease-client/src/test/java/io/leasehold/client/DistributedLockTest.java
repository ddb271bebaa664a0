package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.MadeUpCluster.Kind;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks before a made-up cluster: its silence, and races that no real one shows on demand. */
@Timeout(60)
@SuppressWarnings("LockNotBeforeTry") // what is locked here ends with the cluster
final class DistributedLockTest {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofSeconds(60);

  private final MadeUpCluster cluster = new MadeUpCluster();

  @AfterEach
  void end() {
    cluster.close();
  }

  private Session session(Duration ttl) {
    return Session.open(cluster, ttl, OnLoss.STAY_LOST);
  }

  /** Takes a lock on a thread of its own, which is not the test's. */
  private static void hold(DistributedLock lock) throws Exception {
    boolean unused = Call.run(lock::lockInterruptibly).get();
  }

  /** Waits until somebody waits for the lock's holder. */
  private void awaitWaiting(DistributedLock held) {
    Bytes key = held.key().orElseThrow();
    cluster.awaitThat("somebody waits for the holder", () -> cluster.isWatched(key));
  }

  @Test
  void unlockOnASilentClusterReturnsWhenTheLeaseIsLost() throws Exception {
    DistributedLock lock = session(TTL).lock("l");
    Call<Boolean> unlocking =
        Call.run(
            () -> {
              lock.lock();
              cluster.fallSilent();
              lock.unlock();
            });
    cluster.awaitThat("it is asked to", () -> cluster.asked(Kind.COMMIT) == 2);
    cluster.pass(Duration.ofMillis(4900));
    assertThat(unlocking.isDone()).isFalse();
    cluster.pass(Duration.ofMillis(100));
    // Half of the request's time has passed.
    assertThat(unlocking.get()).isTrue();
    assertThat(lock.isHeld()).isFalse();
    assertThatThrownBy(lock::lock)
        .isInstanceOfSatisfying(
            LeaseLostException.class,
            lost -> assertThat(lost.reason()).isEqualTo(LossReason.UNREACHABLE));
  }

  @Test
  void workOnASilentClusterIsInterruptedAndOverWhenTheLeaseIsLost() throws Exception {
    DistributedLock lock = session(TTL).lock("l");
    CountDownLatch begun = new CountDownLatch(1);
    Call<Boolean> working =
        Call.run(
            () ->
                lock.runWhileHeld(
                    () -> {
                      begun.countDown();
                      new CountDownLatch(1).await();
                      return true;
                    }));
    begun.await();
    cluster.fallSilent();
    cluster.pass(Duration.ofMillis(3400));
    cluster.awaitThat("the work has ended", () -> cluster.asked(Kind.COMMIT) == 2);
    cluster.pass(Duration.ofMillis(1600));
    assertThat(working.failure(LeaseLostException.class)).hasMessageContaining("at risk");
    assertThat(working.wasInterrupted()).isFalse();
  }

  @Test
  void whatASilentClusterDidNotTakeBackIsGivenBackInTheBackground() throws Exception {
    DistributedLock lock = session(LONG).lock("l");
    Call<Boolean> unlocking =
        Call.run(
            () -> {
              lock.lock();
              cluster.fallSilent();
              lock.unlock();
            });
    cluster.awaitThat("it is asked to", () -> cluster.asked(Kind.COMMIT) == 2);
    cluster.pass(MadeUpCluster.REQUEST_TIMEOUT);
    assertThat(unlocking.get()).isTrue();
    assertThat(cluster.line("l/")).hasSize(1);
    cluster.speak();
    cluster.pass(Duration.ofSeconds(1));
    assertThat(cluster.line("l/")).isEmpty();
    hold(lock);
  }

  @Test
  void aLockIsNotTakenAgainBeforeItIsCertainlyGivenBack() throws Exception {
    DistributedLock lock = session(LONG).lock("l");
    Call<Boolean> unlocking =
        Call.run(
            () -> {
              lock.lock();
              cluster.fallSilent();
              lock.unlock();
            });
    cluster.awaitThat("it is asked to", () -> cluster.asked(Kind.COMMIT) == 2);
    cluster.pass(MadeUpCluster.REQUEST_TIMEOUT);
    assertThat(unlocking.get()).isTrue();
    assertThat(lock.tryLock()).isFalse();
    Call<Boolean> again = Call.run(lock::lockInterruptibly);
    // Who closed the client waits for nothing.
    cluster.closeClient();
    LeaseholdException failure = again.failure(LeaseholdException.class);
    assertThat(failure).isInstanceOfAny(LeaseLostException.class, UnavailableException.class);
  }

  @Test
  void aPlaceWhoseAnswerWasLostStandsInNobodysWay() throws Exception {
    DistributedLock lock = session(TTL).lock("l");
    cluster.loseAnswer(Kind.COMMIT);
    assertThatThrownBy(lock::lock).isInstanceOf(OutcomeUnknownException.class);
    assertThat(cluster.line("l/")).isEmpty();
    assertThat(session(TTL).lock("l").tryLock()).isTrue();
  }

  @Test
  void aPlaceThatIsThereAlreadyIsTheSamePlace() throws Exception {
    Session session = session(TTL);
    Line line = Line.of("l");
    Bytes key = line.key(session.leaseId());
    Place first = Place.take(cluster, line, key, session.lease(), Bytes.empty());
    cluster.put("elsewhere", "x");
    // Who writes the key, as a leader does that proclaims, moves nobody in the line.
    cluster.put(key.text(), "x");
    Place again = Place.take(cluster, line, key, session.lease(), Bytes.empty());
    assertThat(again.createRevision()).isEqualTo(first.createRevision());
    assertThat(again.isFirst()).isTrue();
  }

  @Test
  void givingAPlaceUpTakesNoLaterOneWithIt() throws Exception {
    Session session = session(TTL);
    Line line = Line.of("l");
    Bytes key = line.key(session.leaseId());
    Place first = Place.take(cluster, line, key, session.lease(), Bytes.empty());
    cluster.delete(key.text());
    Place later = Place.take(cluster, line, key, session.lease(), Bytes.empty());
    TxnResult unused = first.leave().get(20, TimeUnit.SECONDS);
    assertThat(cluster.entry(key.text())).isPresent();
    TxnResult unusedEnd = later.leave().get(20, TimeUnit.SECONDS);
    assertThat(cluster.entry(key.text())).isEmpty();
  }

  @Test
  void aLeaseThatEndsBetweenItsPlaceAndItsTurnDoesNotHoldTheLock() throws Exception {
    Session holder = session(TTL);
    Session unlucky = session(TTL);
    hold(holder.lock("l"));
    cluster.before(
        Kind.READ,
        () -> {
          cluster.endLease(unlucky.leaseId());
          cluster.endLease(holder.leaseId());
        });
    Call<Boolean> waiting = Call.run(unlucky.lock("l")::lockInterruptibly);
    assertThat(waiting.failure(LeaseLostException.class)).hasMessageContaining("place in line");
    assertThat(unlucky.lock("l").isHeld()).isFalse();
  }

  @Test
  void aLeaseThatIsGoneTakesNoPlace() {
    Session session = session(TTL);
    cluster.endLease(session.leaseId());
    assertThatThrownBy(() -> session.lock("l").lock())
        .isInstanceOfSatisfying(
            LeaseLostException.class,
            lost -> assertThat(lost.reason()).isEqualTo(LossReason.REVOKED));
    assertThat(cluster.line("l/")).isEmpty();
  }

  @Test
  void aHolderThatGoesBetweenTheReadAndTheWatchIsNotWaitedFor() throws Exception {
    DistributedLock held = session(TTL).lock("l");
    hold(held);
    String key = held.key().orElseThrow().text();
    cluster.after(Kind.READ, () -> cluster.delete(key));
    DistributedLock next = session(TTL).lock("l");
    hold(next);
    assertThat(next.isHeld()).isTrue();
  }

  @Test
  void historyThatIsCompactedWhileWaitingCostsNobodyItsTurn() throws Exception {
    DistributedLock held = session(TTL).lock("l");
    hold(held);
    DistributedLock next = session(TTL).lock("l");
    Call<Boolean> waiting = Call.run(next::lockInterruptibly);
    awaitWaiting(held);
    cluster.holdWatches();
    cluster.delete(held.key().orElseThrow().text());
    cluster.put("elsewhere", "x");
    cluster.compact();
    assertThat(waiting.isDone()).isFalse();
    cluster.releaseWatches();
    assertThat(waiting.get()).isTrue();
    assertThat(next.fencingToken()).isGreaterThan(held.fencingToken());
  }

  @Test
  void whoWaitsOutlivesASilenceThatItsLeaseOutlives() throws Exception {
    DistributedLock held = session(LONG).lock("l");
    hold(held);
    DistributedLock next = session(LONG).lock("l");
    cluster.before(Kind.READ, cluster::fallSilent);
    Call<Boolean> waiting = Call.run(next::lockInterruptibly);
    cluster.awaitThat("it asks", () -> cluster.asked(Kind.READ) == 1);
    cluster.pass(MadeUpCluster.REQUEST_TIMEOUT);
    cluster.awaitThat("it asks again", () -> cluster.asked(Kind.READ) == 2);
    cluster.speak();
    awaitWaiting(held);
    cluster.delete(held.key().orElseThrow().text());
    assertThat(waiting.get()).isTrue();
  }

  @Test
  void whoLosesItsLeaseWhileWaitingWaitsNoLonger() throws Exception {
    DistributedLock held = session(LONG).lock("l");
    hold(held);
    Session session = session(TTL);
    Call<Boolean> waiting = Call.run(session.lock("l")::lockInterruptibly);
    awaitWaiting(held);
    cluster.endLease(session.leaseId());
    cluster.pass(TTL);
    assertThat(waiting.failure(LeaseLostException.class).reason()).isEqualTo(LossReason.REVOKED);
    assertThat(held.isHeld()).isTrue();
  }

  @Test
  void closingTheSessionEndsTheWaitAndLeavesNoPlace() throws Exception {
    DistributedLock held = session(TTL).lock("l");
    hold(held);
    Session session = session(TTL);
    Call<Boolean> waiting = Call.run(session.lock("l")::lockInterruptibly);
    awaitWaiting(held);
    session.close();
    assertThat(waiting.failure(LeaseLostException.class).reason()).isEqualTo(LossReason.CLOSED);
    assertThat(cluster.line("l/")).hasSize(1);
    assertThat(cluster.hasLease(session.leaseId())).isFalse();
  }

  @Test
  void closingTheClientEndsTheWait() throws Exception {
    DistributedLock held = session(TTL).lock("l");
    hold(held);
    Call<Boolean> waiting = Call.run(session(TTL).lock("l")::lockInterruptibly);
    awaitWaiting(held);
    cluster.closeClient();
    assertThat(waiting.failure(LeaseholdException.class)).isNotNull();
    assertThat(held.isHeld()).isFalse();
  }

  @Test
  void anInterruptEndsTheWaitAndGivesThePlaceUp() throws Exception {
    DistributedLock held = session(TTL).lock("l");
    hold(held);
    Call<Boolean> waiting = Call.run(session(TTL).lock("l")::lockInterruptibly);
    awaitWaiting(held);
    assertThat(cluster.line("l/")).hasSize(2);
    waiting.interrupt();
    InterruptedException unused = waiting.failure(InterruptedException.class);
    assertThat(cluster.line("l/")).hasSize(1);
    assertThat(waiting.wasInterrupted()).isFalse();
  }

  @Test
  void anInterruptDuringARequestIsTheSameInterrupt() throws Exception {
    Session session = session(LONG);
    cluster.fallSilent();
    Call<Boolean> waiting = Call.run(session.lock("l")::lockInterruptibly);
    cluster.awaitThat("it is asked", () -> cluster.asked(Kind.COMMIT) == 1);
    waiting.interrupt();
    cluster.awaitThat("the place is given up", () -> cluster.asked(Kind.COMMIT) == 2);
    cluster.speak();
    InterruptedException unused = waiting.failure(InterruptedException.class);
    assertThat(cluster.line("l/")).isEmpty();
  }

  @Test
  void anInterruptDoesNotEndALockThatIsWaitedForWithoutHeed() throws Exception {
    DistributedLock held = session(TTL).lock("l");
    hold(held);
    DistributedLock next = session(TTL).lock("l");
    Call<Boolean> waiting = Call.run(next::lock);
    awaitWaiting(held);
    waiting.interrupt();
    cluster.awaitThat("it stands in line again", () -> cluster.asked(Kind.COMMIT) == 4);
    cluster.delete(held.key().orElseThrow().text());
    assertThat(waiting.get()).isTrue();
    assertThat(waiting.wasInterrupted()).isTrue();
    assertThat(next.isHeld()).isTrue();
  }

  @Test
  void aLockThatIsNotFreeLeavesNoPlaceBehind() throws Exception {
    hold(session(TTL).lock("l"));
    DistributedLock other = session(TTL).lock("l");
    assertThat(other.tryLock()).isFalse();
    assertThat(other.tryLock(Duration.ofMillis(1))).isFalse();
    assertThat(cluster.line("l/")).hasSize(1);
  }

  @Test
  void aHolderThatWasPausedFindsTheLockLostBeforeAnythingElseRuns() {
    DistributedLock lock = session(TTL).lock("l");
    lock.lock();
    assertThat(lock.isHeldByCurrentThread()).isTrue();
    cluster.pause(Duration.ofSeconds(6));
    assertThat(lock.isHeld()).isFalse();
    assertThat(lock.remaining()).isZero();
    assertThatThrownBy(lock::tryLock)
        .isInstanceOfSatisfying(
            LeaseLostException.class,
            lost -> assertThat(lost.reason()).isEqualTo(LossReason.EXPIRED));
    int asked = cluster.asked(Kind.COMMIT);
    lock.unlock();
    assertThat(cluster.asked(Kind.COMMIT)).isEqualTo(asked);
  }

  @Test
  void aThreadThatHoldsTheLockHasItAgainWithoutARequest() {
    DistributedLock lock = session(TTL).lock("l");
    lock.lock();
    int asked = cluster.asked(Kind.COMMIT) + cluster.asked(Kind.READ);
    cluster.fallSilent();
    assertThat(lock.tryLock()).isTrue();
    lock.unlock();
    assertThat(lock.isHeld()).isTrue();
    assertThat(cluster.asked(Kind.COMMIT) + cluster.asked(Kind.READ)).isEqualTo(asked);
  }

  @Test
  void aHeldLockIsKeptForAsLongAsRenewalsAreAnswered() {
    DistributedLock lock = session(TTL).lock("l");
    lock.lock();
    cluster.pass(Duration.ofMinutes(10));
    assertThat(lock.isHeld()).isTrue();
    assertThat(cluster.line("l/")).hasSize(1);
  }
}
