package io.leasehold.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.leasehold.bench.wire.EventLoops;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Lanes that answer themselves. Nothing is asserted of how fast the machine is. */
@Timeout(60)
final class LoadTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final EventLoops loops = new EventLoops(2);

  @AfterEach
  void close() {
    loops.close();
  }

  @Test
  void lanesWorkUntilNothingIsLeft() throws Exception {
    AtomicInteger left = new AtomicInteger(1000);
    Load load = Load.closedLoop(lanes(7, left));
    assertThat(load.run(LONG, Load.Progress.NONE)).isFalse();
    Account account = load.cut();
    load.stop();
    assertThat(account.operations()).isEqualTo(1000);
    assertThat(load.operations()).isEqualTo(1000);
    assertThat(account.errorCount()).isZero();
  }

  @Test
  void cutsShareWhatWasDone() throws Exception {
    AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
    Load load = Load.closedLoop(lanes(2, left));
    assertThat(load.run(Duration.ofMillis(20), Load.Progress.NONE)).isTrue();
    Account first = load.cut();
    assertThat(load.run(Duration.ofMillis(20), Load.Progress.NONE)).isTrue();
    load.stop();
    Account second = load.cut();
    assertThat(first.operations() + second.operations()).isEqualTo(load.operations());
    assertThat(first.seconds()).isPositive();
    assertThat(second.perSecond()).isPositive();
  }

  @Test
  void failuresAreCountedByStatusAndTheLaneGoesOn() throws Exception {
    AtomicInteger begun = new AtomicInteger();
    Lane lane =
        new Lane(loops.all().get(0)) {
          @Override
          protected boolean begin(long nowNanos) {
            int number = begun.incrementAndGet();
            if (number == 4) {
              return false;
            }
            if (number == 2) {
              failed(Status.Code.UNAVAILABLE, "away", nowNanos);
            } else {
              done(nowNanos);
            }
            return true;
          }
        };
    Load load = Load.closedLoop(List.of(lane));
    assertThat(load.run(LONG, Load.Progress.NONE)).isFalse();
    Account account = load.cut();
    assertThat(account.operations()).isEqualTo(2);
    assertThat(account.errors()).containsExactly(java.util.Map.entry(Status.Code.UNAVAILABLE, 1L));
    assertThat(account.firstError()).isEqualTo("UNAVAILABLE: away");
  }

  /**
   * What was due while all lanes were stuck is done later, and its time counts from when it was
   * due.
   */
  @Test
  void fixedRateCountsFromWhenOperationsWereDue() throws Exception {
    CountDownLatch stuck = new CountDownLatch(1);
    StuckLane lane = new StuckLane(loops.all().get(0), stuck);
    Load load = Load.start(List.of(lane), 1000);
    assertThat(stuck.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(load.run(Duration.ofMillis(200), Load.Progress.NONE)).isTrue();
    lane.release();
    while (load.operations() < 150) {
      assertThat(load.run(Duration.ofMillis(1), Load.Progress.NONE)).isTrue();
    }
    load.stop();
    Account account = load.cut();
    // The first waited 200 ms; those behind it a millisecond less each.
    assertThat(account.latencies().maxMillis()).isGreaterThan(190);
    assertThat(account.latencies().millis(100 * (1 - 50.0 / account.operations())))
        .isGreaterThan(100);
    assertThat(account.longestGapMillis()).isGreaterThan(190);
  }

  @Test
  void groupsTakeTurns() {
    AtomicInteger none = new AtomicInteger();
    List<Lane> three = lanes(3, none);
    List<Lane> one = lanes(1, none);
    assertThat(Load.inTurns(List.of(three, one)))
        .containsExactly(three.get(0), one.get(0), three.get(1), three.get(2));
  }

  @Test
  void stoppedLanesGiveBackWhatTheyHold() throws Exception {
    AtomicInteger ended = new AtomicInteger();
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      lanes.add(
          new Lane(loops.all().get(i % 2)) {
            @Override
            protected boolean begin(long nowNanos) {
              eventLoop().execute(() -> done(System.nanoTime()));
              return true;
            }

            @Override
            protected void end() {
              ended.incrementAndGet();
            }
          });
    }
    try (Load load = Load.closedLoop(lanes)) {
      assertThat(load.run(Duration.ofMillis(5), Load.Progress.NONE)).isTrue();
    }
    assertThat(ended).hasValue(3);
  }

  private List<Lane> lanes(int count, AtomicInteger left) {
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      lanes.add(
          new Lane(loops.all().get(i % 2)) {
            @Override
            protected boolean begin(long nowNanos) {
              if (left.getAndDecrement() <= 0) {
                return false;
              }
              eventLoop().execute(() -> done(System.nanoTime()));
              return true;
            }
          });
    }
    return lanes;
  }

  /** Does not finish its first operation before it is released, and all later ones at once. */
  private static final class StuckLane extends Lane {
    private final CountDownLatch stuck;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean isReleased;

    StuckLane(EventLoop loop, CountDownLatch stuck) {
      super(loop);
      this.stuck = stuck;
    }

    @Override
    protected boolean begin(long nowNanos) {
      if (isReleased) {
        eventLoop().execute(() -> done(System.nanoTime()));
      } else {
        waiting.add(() -> done(System.nanoTime()));
        stuck.countDown();
      }
      return true;
    }

    void release() {
      eventLoop()
          .execute(
              () -> {
                isReleased = true;
                waiting.forEach(Runnable::run);
              });
    }
  }
}
