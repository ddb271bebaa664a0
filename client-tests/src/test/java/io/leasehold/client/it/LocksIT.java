package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseLostException;
import io.leasehold.client.Session;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.Programs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Locks through the client. */
@SuppressWarnings("LockNotBeforeTry") // the sessions end with the test, and their locks with them
final class LocksIT extends OnEachServer {
  private static final Duration TTL = Duration.ofSeconds(5);

  @Test
  void aLockExcludesOtherSessionsAndPassesOnWithALargerToken() throws Exception {
    try (Session one = client.openSession(TTL);
        Session other = client.openSession(TTL)) {
      DistributedLock mine = one.lock("l/pass");
      DistributedLock theirs = other.lock("l/pass");
      mine.lock();
      long first = mine.fencingToken();
      assertThat(mine.isHeldByCurrentThread()).isTrue();
      assertThat(theirs.tryLock()).isFalse();
      assertThat(theirs.tryLock(Duration.ofMillis(300))).isFalse();
      CompletableFuture<Long> next =
          CompletableFuture.supplyAsync(
              () -> {
                theirs.lock();
                return theirs.fencingToken();
              });
      Conditions.letPass(Duration.ofMillis(300));
      assertThat(next).isNotDone();
      mine.unlock();
      assertThat(next.get(10, TimeUnit.SECONDS)).isGreaterThan(first);
      assertThat(mine.isHeld()).isFalse();
      assertThat(theirs.isHeld()).isTrue();
      assertThat(theirs.isHeldByCurrentThread()).isFalse();
    }
  }

  @Test
  void aThreadThatHoldsALockHasItAgainWithoutARequest() {
    try (Session session = client.openSession(TTL)) {
      DistributedLock lock = session.lock("l/again");
      lock.lock();
      long token = lock.fencingToken();
      long started = System.nanoTime();
      for (int i = 0; i < 1000; i++) {
        assertThat(lock.tryLock()).isTrue();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(1));
      for (int i = 0; i < 1000; i++) {
        lock.unlock();
      }
      assertThat(lock.isHeld()).isTrue();
      assertThat(lock.fencingToken()).isEqualTo(token);
      lock.unlock();
      assertThat(lock.isHeld()).isFalse();
      assertThatThrownBy(lock::unlock).isInstanceOf(IllegalMonitorStateException.class);
    }
  }

  @Test
  void threadsOfOneSessionExcludeEachOther() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    List<Long> tokens = new CopyOnWriteArrayList<>();
    try (Session session = client.openSession(TTL)) {
      DistributedLock lock = session.lock("l/threads");
      List<CompletableFuture<Void>> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int n = 0; n < 5; n++) {
                    lock.lock();
                    try {
                      assertThat(inside.incrementAndGet()).isEqualTo(1);
                      tokens.add(lock.fencingToken());
                      inside.decrementAndGet();
                    } finally {
                      lock.unlock();
                    }
                  }
                },
                task -> new Thread(task).start()));
      }
      for (CompletableFuture<Void> one : all) {
        Void unused = one.get(60, TimeUnit.SECONDS);
      }
    }
    assertThat(tokens).hasSize(20).isSorted().doesNotHaveDuplicates();
  }

  @Test
  void whoGivesUpWaitingLeavesTheLine() throws Exception {
    try (Session one = client.openSession(TTL);
        Session impatient = client.openSession(TTL);
        Session last = client.openSession(TTL)) {
      one.lock("l/line").lock();
      assertThat(impatient.lock("l/line").tryLock(Duration.ofMillis(200))).isFalse();
      Thread waiting =
          new Thread(
              () ->
                  assertThatThrownBy(() -> impatient.lock("l/line").lockInterruptibly())
                      .isInstanceOf(InterruptedException.class));
      waiting.start();
      Conditions.letPass(Duration.ofMillis(200));
      waiting.interrupt();
      waiting.join(10_000);
      assertThat(waiting.isAlive()).isFalse();
      one.lock("l/line").unlock();
      assertThat(last.lock("l/line").tryLock()).isTrue();
    }
  }

  @Test
  void aLockPassesOnWhenItsHolderIsGone() throws Exception {
    LeaseClient doomed = LeaseClient.connect(cluster.endpoints());
    Session dying = doomed.openSession(Duration.ofSeconds(2));
    dying.lock("l/gone").lock();
    try (Session heir = client.openSession(TTL)) {
      assertThat(heir.lock("l/gone").tryLock()).isFalse();
      // Its renewals stop, and nothing is revoked.
      doomed.close();
      assertThat(dying.lock("l/gone").isHeld()).isFalse();
      assertThat(heir.lock("l/gone").tryLock(SOON)).isTrue();
    }
  }

  @Test
  void workUnderALockIsInterruptedWhenTheLeaseIsRevoked() throws Exception {
    try (Session session = client.openSession(TTL)) {
      CountDownLatch started = new CountDownLatch(1);
      CompletableFuture<Void> result =
          CompletableFuture.runAsync(
              () -> {
                assertThatThrownBy(
                        () ->
                            session
                                .lock("l/work")
                                .runWhileHeld(
                                    () -> {
                                      started.countDown();
                                      new CountDownLatch(1).await();
                                      return null;
                                    }))
                    .isInstanceOf(LeaseLostException.class);
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
              },
              task -> new Thread(task).start());
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      client.leases().revoke(session.leaseId());
      Void unused = result.get(20, TimeUnit.SECONDS);
      assertThatThrownBy(() -> session.lock("l/work").lock())
          .isInstanceOf(LeaseLostException.class);
    }
  }

  @Test
  void workUnderALockReturnsItsResultAndGivesTheLockBack() throws Exception {
    try (Session session = client.openSession(TTL)) {
      DistributedLock lock = session.lock("l/result");
      assertThat(lock.<String>runWhileHeld(() -> "done")).isEqualTo("done");
      assertThat(lock.isHeld()).isFalse();
      assertThatThrownBy(
              () ->
                  lock.runWhileHeld(
                      () -> {
                        throw new IllegalStateException("of its own");
                      }))
          .hasMessage("of its own");
      assertThat(lock.isHeld()).isFalse();
    }
  }

  @Test
  void aLockOfEtcdctlExcludesOursAndTheOtherWayRound() throws Exception {
    Programs.assume(
        Programs.isInstalled("etcdctl", "version"),
        "etcdctl is not installed (Debian package etcd-client)");
    try (Session session = client.openSession(TTL)) {
      DistributedLock lock = session.lock("l/etcdctl");
      lock.lock();
      Process waiting = etcdctl("lock", "l/etcdctl", "--ttl=5", "sleep", "2");
      try {
        assertThat(waiting.waitFor(1500, TimeUnit.MILLISECONDS)).isFalse();
        lock.unlock();
        Conditions.await(
            "etcdctl has the lock",
            SOON,
            () -> {
              boolean isMine = lock.tryLock();
              if (isMine) {
                lock.unlock();
              }
              return !isMine;
            });
        assertThat(waiting.isAlive()).isTrue();
        assertThat(lock.tryLock(SOON)).isTrue();
        assertThat(waiting.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(waiting.exitValue()).isZero();
      } finally {
        waiting.destroyForcibly();
      }
    }
  }

  private static Process etcdctl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("etcdctl");
    command.add("--endpoints=" + cluster.endpoints());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("ETCDCTL_API", "3");
    return builder
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
