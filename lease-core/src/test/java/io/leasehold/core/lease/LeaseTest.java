package io.leasehold.core.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.command.Command;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private final Lease lease = new Lease(1, 5000, 0);

  @Test
  void timesAreKeptToTheMillisecondWhateverIsChangedBesideThem() {
    long max = Command.TTL_MAX_MILLIS;
    for (long ttl : new long[] {1, 0xffff_ffffL, 0x1_0000_0000L, max - 1, max}) {
      for (long remaining : new long[] {0, 1, ttl}) {
        Lease one = new Lease(1, ttl, remaining);
        one.noteKeys();
        assertThat(one.ttlMillis()).isEqualTo(ttl);
        assertThat(one.remainingMillis()).isEqualTo(remaining);
        one.recordRemaining(max);
        assertThat(one.remainingMillis()).isEqualTo(max);
        assertThat(one.replicatedRemainingNanos()).isEqualTo(max * 1_000_000);
        one.recordRemaining(0);
        assertThat(one.replicatedRemainingNanos()).isEqualTo(ttl * 1_000_000);
        assertThat(one.mayHaveKeys()).isTrue();
      }
    }
    assertThat(new Lease(1, max, max).mayHaveKeys()).isFalse();
  }

  @Test
  void timesThatDoNotFitAreRefused() {
    long tooLong = Command.TTL_MAX_MILLIS + 1;
    assertThatThrownBy(() -> new Lease(1, tooLong, 0)).hasMessageContaining("" + tooLong);
    assertThatThrownBy(() -> new Lease(1, -1, 0)).hasMessageContaining("-1 ms");
    assertThatThrownBy(() -> lease.recordRemaining(tooLong)).hasMessageContaining("" + tooLong);
  }

  @Test
  void deadlineIsRoundedUpNeverDown() {
    for (long nanos = -20; nanos < 20; nanos++) {
      long deadline = Lease.deadlineNanos(Lease.wordOf(nanos, false));
      assertThat(deadline).isBetween(nanos, nanos + 7);
    }
  }

  @Test
  void marksDoNotTouchTheDeadline() {
    long word = Lease.wordOf(1 << 20, true);
    assertThat(Lease.isCheckpointed(word)).isTrue();
    assertThat(Lease.deadlineNanos(Lease.ending(word))).isEqualTo(1 << 20);
    assertThat(Lease.notEnding(Lease.ending(word))).isEqualTo(word);
    assertThat(Lease.isCheckpointed(Lease.cleared(word))).isFalse();
    assertThat(Lease.isCheckpointed(Lease.extended(word, 1 << 21))).isTrue();
  }

  @Test
  void extensionNeverMovesTheDeadlineBack() {
    long word = Lease.wordOf(1000, false);
    assertThat(Lease.extended(word, 500)).isEqualTo(word);
    assertThat(Lease.deadlineNanos(Lease.extended(word, 2000))).isEqualTo(2000);
    long beforeWrap = Lease.wordOf(Long.MAX_VALUE - 100, false);
    long afterWrap = Lease.extended(beforeWrap, Long.MIN_VALUE + 800);
    assertThat(Lease.deadlineNanos(afterWrap) - Lease.deadlineNanos(beforeWrap)).isPositive();
  }

  @Test
  void noDeadlineCanBeMistakenForAGoneOrUnscheduledLease() {
    lease.markGone();
    assertThat(Lease.isGone(lease.word())).isTrue();
    assertThat(Lease.isScheduled(lease.word())).isFalse();
    lease.unschedule();
    assertThat(Lease.isGone(lease.word())).isFalse();
    assertThat(Lease.isScheduled(lease.word())).isFalse();
    lease.schedule(0, false);
    assertThat(Lease.isScheduled(lease.word())).isTrue();
    assertThat(Lease.isScheduled(Lease.ending(lease.word()))).isTrue();
  }
}
