package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.DistributedLock;
import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseEvent;
import io.leasehold.client.LeaseEvent.AtRisk;
import io.leasehold.client.LeaseEvent.Lost;
import io.leasehold.client.LeaseListener;
import io.leasehold.client.LeaseLostException;
import io.leasehold.client.LeaseState;
import io.leasehold.client.LossReason;
import io.leasehold.client.Session;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import io.leasehold.cluster.Programs;
import io.leasehold.cluster.Server;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a client's leases and locks go through when members do. */
final class FailoverIT extends OnEachServer {
  private static final int LEASES = 10_000;
  private static final int GRANTS_AT_ONCE = 250;
  private static final Duration TTL = Duration.ofSeconds(10);

  @Test
  void leasesOutliveTheDeathOfEachMember() throws Exception {
    AtomicInteger lost = new AtomicInteger();
    AtomicInteger atRisk = new AtomicInteger();
    LeaseListener counter =
        event -> {
          if (event instanceof Lost) {
            lost.incrementAndGet();
          } else if (event instanceof AtRisk) {
            atRisk.incrementAndGet();
          }
        };
    List<KeptLease> kept = new ArrayList<>();
    while (kept.size() < LEASES) {
      List<CompletableFuture<GrantedLease>> granted = new ArrayList<>();
      for (int i = 0; i < GRANTS_AT_ONCE; i++) {
        granted.add(client.leases().grantAsync(TTL));
      }
      for (CompletableFuture<GrantedLease> lease : granted) {
        kept.add(client.leases().keepAlive(lease.get(), counter));
      }
    }
    for (MemberProcess member : cluster.members()) {
      member.kill();
      Conditions.letPass(Duration.ofSeconds(6));
      member.start();
      cluster.awaitReady();
    }
    Conditions.letPass(TTL.dividedBy(2));
    System.out.println(
        kept.size() + " leases, each member killed once: " + atRisk + " times at risk");
    assertThat(lost).hasValue(0);
    assertThat(kept).allMatch(lease -> lease.state() == LeaseState.ALIVE);
    assertThat(client.leases().list()).containsAll(kept.stream().map(KeptLease::id).toList());
  }

  @Test
  void aFrozenMemberCostsNoLease() {
    Programs.assume(
        server == Server.LEASEHOLD, "etcd's leader ends leases that others renewed while it stood");
    List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    List<KeptLease> kept = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      kept.add(client.leases().keepAlive(client.leases().grant(TTL), events::add));
    }
    for (MemberProcess member : cluster.members()) {
      member.freeze();
      try {
        Conditions.letPass(Duration.ofSeconds(8));
      } finally {
        member.thaw();
      }
      cluster.awaitReady();
      Conditions.letPass(Duration.ofSeconds(2));
    }
    assertThat(events.stream().filter(event -> event instanceof Lost)).isEmpty();
    assertThat(kept).allMatch(lease -> lease.state() == LeaseState.ALIVE);
  }

  @Test
  void aLeaseIsLostBeforeTheClusterCouldEndItWhenTheClusterIsGone() {
    List<LeaseEvent> events = new CopyOnWriteArrayList<>();
    List<Long> instants = new CopyOnWriteArrayList<>();
    Duration ttl = Duration.ofSeconds(4);
    KeptLease kept =
        client
            .leases()
            .keepAlive(
                client.leases().grant(ttl),
                event -> {
                  instants.add(System.nanoTime());
                  events.add(event);
                });
    Conditions.await("it is renewed", SOON, () -> !events.isEmpty());
    cluster.members().forEach(MemberProcess::freeze);
    // The last renewal that was answered was sent before this.
    long frozenNanos = System.nanoTime();
    try {
      Conditions.await("it is lost", SOON, () -> kept.state() == LeaseState.LOST);
      assertThat(System.nanoTime() - frozenNanos).isLessThan(ttl.toNanos());
      Conditions.await("that is told", SOON, () -> events.get(events.size() - 1) instanceof Lost);
      assertThat(instants.get(instants.size() - 1) - frozenNanos).isLessThan(ttl.toNanos());
    } finally {
      cluster.members().forEach(MemberProcess::thaw);
    }
    assertThat(kept.lossReason()).contains(LossReason.UNREACHABLE);
    assertThat(events.get(events.size() - 2)).isInstanceOf(AtRisk.class);
    cluster.awaitReady();
    Conditions.letPass(Duration.ofSeconds(1));
    assertThat(kept.state()).isEqualTo(LeaseState.LOST);
    assertThat(events.get(events.size() - 1))
        .isEqualTo(new Lost(kept.id(), LossReason.UNREACHABLE));
  }

  @Test
  void workUnderALockIsInterruptedWhileTheLockIsStillHeld() throws Exception {
    AtomicBoolean wasHeld = new AtomicBoolean();
    try (Session session = client.openSession(Duration.ofSeconds(6))) {
      DistributedLock lock = session.lock("f/work");
      CountDownLatch started = new CountDownLatch(1);
      CompletableFuture<Void> work =
          CompletableFuture.runAsync(
              () ->
                  assertThatThrownBy(
                          () ->
                              lock.runWhileHeld(
                                  () -> {
                                    started.countDown();
                                    try {
                                      new CountDownLatch(1).await();
                                    } finally {
                                      wasHeld.set(lock.isHeld());
                                    }
                                    return null;
                                  }))
                      .isInstanceOf(LeaseLostException.class),
              task -> new Thread(task).start());
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      cluster.members().forEach(MemberProcess::freeze);
      try {
        Conditions.letPass(Duration.ofSeconds(5));
      } finally {
        cluster.members().forEach(MemberProcess::thaw);
      }
      Void unused = work.get(40, TimeUnit.SECONDS);
      assertThat(wasHeld).isTrue();
    }
    cluster.awaitReady();
  }

  // Held across the death of a member, and given back in the middle of it.
  @SuppressWarnings("LockNotBeforeTry")
  @Test
  void aLockPassesOnWhileMembersDie() throws Exception {
    try (LeaseClient other = LeaseClient.connect(cluster.endpoints());
        Session one = client.openSession(TTL);
        Session two = other.openSession(TTL)) {
      DistributedLock mine = one.lock("f/pass");
      DistributedLock theirs = two.lock("f/pass");
      for (MemberProcess member : cluster.members()) {
        mine.lock();
        long token = mine.fencingToken();
        CompletableFuture<Long> next =
            CompletableFuture.supplyAsync(
                () -> {
                  theirs.lock();
                  return theirs.fencingToken();
                },
                task -> new Thread(() -> runAndRelease(task, theirs)).start());
        Conditions.letPass(Duration.ofMillis(300));
        member.kill();
        mine.unlock();
        assertThat(next.get(30, TimeUnit.SECONDS)).isGreaterThan(token);
        member.start();
        cluster.awaitReady();
      }
    }
  }

  private static void runAndRelease(Runnable task, DistributedLock lock) {
    task.run();
    lock.unlock();
  }
}
