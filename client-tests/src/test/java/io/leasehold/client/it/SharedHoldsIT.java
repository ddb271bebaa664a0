package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.Bytes;
import io.leasehold.client.DistributedReadWriteLock;
import io.leasehold.client.DistributedSemaphore;
import io.leasehold.client.Hold;
import io.leasehold.client.KeyRange;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.Session;
import io.leasehold.cluster.Conditions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Read-write locks and semaphores through the client. */
final class SharedHoldsIT extends OnEachServer {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final Duration NOW = Duration.ZERO;

  private void awaitInLine(String prefix, int places) {
    Read line = Read.of(KeyRange.prefix(Bytes.of(prefix)));
    Conditions.await("all stand in line", SOON, () -> client.keys().read(line).count() == places);
  }

  private static CompletableFuture<Hold> start(java.util.concurrent.Callable<Hold> taking) {
    CompletableFuture<Hold> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                boolean unused = result.complete(taking.call());
              } catch (Exception e) {
                boolean unused = result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  @Test
  void readersShareAndWritersExclude() throws Exception {
    try (Session one = client.openSession(TTL);
        Session two = client.openSession(TTL)) {
      DistributedReadWriteLock mine = one.readWriteLock("rw/share");
      DistributedReadWriteLock theirs = two.readWriteLock("rw/share");
      Hold first = mine.read();
      Hold second = theirs.read();
      assertThat(theirs.tryWrite(NOW)).isEmpty();
      CompletableFuture<Hold> writing = start(theirs::write);
      awaitInLine("rw/share/", 3);
      // A reader that comes later does not overtake the writer.
      assertThat(mine.tryRead(Duration.ofMillis(200))).isEmpty();
      first.close();
      second.close();
      Hold writer = writing.get(20, TimeUnit.SECONDS);
      assertThat(writer.fencingToken()).isGreaterThan(second.fencingToken());
      assertThat(mine.tryRead(NOW)).isEmpty();
      writer.close();
      try (Hold last = mine.tryWrite(SOON).orElseThrow()) {
        assertThat(last.isHeld()).isTrue();
      }
    }
  }

  @Test
  void writersNeverMeetAnybody() throws Exception {
    AtomicInteger readers = new AtomicInteger();
    AtomicInteger writers = new AtomicInteger();
    AtomicInteger meetings = new AtomicInteger();
    List<CompletableFuture<Hold>> all = new ArrayList<>();
    try (Session one = client.openSession(TTL);
        Session two = client.openSession(TTL)) {
      for (int i = 0; i < 6; i++) {
        DistributedReadWriteLock lock = (i % 2 == 0 ? one : two).readWriteLock("rw/meet");
        boolean isWriter = i < 2;
        all.add(
            start(
                () -> {
                  Hold hold = isWriter ? lock.write() : lock.read();
                  for (int n = 0; n < 10; n++) {
                    AtomicInteger mine = isWriter ? writers : readers;
                    int same = mine.incrementAndGet();
                    int others = isWriter ? readers.get() : writers.get();
                    if (others > 0 || (isWriter && same > 1)) {
                      meetings.incrementAndGet();
                    }
                    mine.decrementAndGet();
                    hold.close();
                    hold = isWriter ? lock.write() : lock.read();
                  }
                  hold.close();
                  return hold;
                }));
      }
      for (CompletableFuture<Hold> each : all) {
        assertThat(each.get(60, TimeUnit.SECONDS).isHeld()).isFalse();
      }
    }
    assertThat(meetings).hasValue(0);
  }

  @Test
  void aSemaphoreHasAsManyPermitsAsItSaysAndGivesThemInOrder() throws Exception {
    try (Session one = client.openSession(TTL);
        Session two = client.openSession(TTL)) {
      DistributedSemaphore mine = one.semaphore("s/two", 2);
      DistributedSemaphore theirs = two.semaphore("s/two", 2);
      Hold first = mine.acquire();
      Hold second = theirs.acquire();
      assertThat(mine.tryAcquire(NOW)).isEmpty();
      assertThat(mine.tryAcquire(Duration.ofMillis(200))).isEmpty();
      CompletableFuture<Hold> third = start(mine::acquire);
      awaitInLine("s/two/", 3);
      CompletableFuture<Hold> fourth = start(theirs::acquire);
      awaitInLine("s/two/", 4);
      second.close();
      assertThat(third.get(20, TimeUnit.SECONDS).isHeld()).isTrue();
      assertThat(fourth).isNotDone();
      first.close();
      assertThat(fourth.get(20, TimeUnit.SECONDS).fencingToken())
          .isGreaterThan(third.get().fencingToken());
    }
  }

  @Test
  void thePermitOfAClientThatIsGonePassesOn() throws Exception {
    LeaseClient doomed = LeaseClient.connect(cluster.endpoints());
    Session dying = doomed.openSession(Duration.ofSeconds(2));
    Hold held = dying.semaphore("s/gone", 1).acquire();
    try (Session heir = client.openSession(TTL)) {
      assertThat(heir.semaphore("s/gone", 1).tryAcquire(NOW)).isEmpty();
      doomed.close();
      assertThat(held.isHeld()).isFalse();
      assertThat(heir.semaphore("s/gone", 1).tryAcquire(SOON)).isPresent();
    }
  }
}
