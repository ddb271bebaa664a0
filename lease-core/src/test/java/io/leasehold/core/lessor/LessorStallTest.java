package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What the lessor does after it was paused (rule S8). */
class LessorStallTest {
  private static final Duration TTL = Duration.ofSeconds(4);
  private static final Duration LONG_TTL = Duration.ofSeconds(60);
  private static final Duration TICK = Duration.ofMillis(100);

  private final LessorBench bench = new LessorBench();

  @Test
  void stalledLessorServesWaitingRenewalsBeforeItEndsAnything() {
    bench.grant(1, TTL);
    bench.grant(2, TTL);
    bench.clock.advance(Duration.ofSeconds(8));
    bench.tick();
    assertThat(bench.stalls).hasSize(1);
    assertThat(bench.proposals).isEmpty();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(3));
    assertThat(bench.proposals).isEmpty();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(3));
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(2).plus(TICK));
    bench.commitAll();
    assertThat(bench.isAlive(2)).isFalse();
    assertThat(bench.isAlive(1)).isTrue();
  }

  @Test
  void leaseRenewedAfterAStallEndsInTimeThoughExpiryIsHeldBack() {
    bench.grant(1, TTL);
    bench.pass(Duration.ofSeconds(1));
    bench.clock.advance(TTL.multipliedBy(5));
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(TTL.plus(TICK));
    assertThat(bench.proposals).hasSize(1);
  }

  @Test
  void leaseRenewedAfterAStallIsCheckpointedInTimeThoughExpiryIsHeldBack() {
    bench.grant(1, LONG_TTL);
    bench.pass(Duration.ofSeconds(1));
    bench.clock.advance(LONG_TTL);
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(LONG_TTL.toMillis());
    bench.pass(LessorBench.CHECKPOINT_INTERVAL.plus(TICK));
    assertThat(bench.proposals).hasSize(1);
    assertThat(bench.proposals.element().command()).isInstanceOf(Command.Checkpoint.class);
  }

  @Test
  void leaseRenewedSinceALongStallIsHeldByALaterShortOneOnlyForThat() {
    bench.grant(1, TTL);
    bench.pass(Duration.ofSeconds(1));
    bench.clock.advance(Duration.ofSeconds(10));
    bench.tick();
    assertThat(bench.renew(1)).isEqualTo(TTL.toMillis());
    bench.pass(Duration.ofSeconds(3));
    bench.clock.advance(Duration.ofMillis(600));
    bench.tick();
    assertThat(bench.stalls).hasSize(2);
    bench.pass(Duration.ofMillis(400));
    assertThat(bench.proposals).isEmpty();
    bench.pass(Duration.ofMillis(300));
    assertThat(bench.proposals).hasSize(1);
  }
}
