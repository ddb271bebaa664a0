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
      for (long end : new long[] {0, 1, Lease.END_MAX_MILLIS}) {
        Lease one = new Lease(1, ttl, end);
        one.noteKeys();
        assertThat(one.ttlMillis()).isEqualTo(ttl);
        assertThat(one.endMillis()).isEqualTo(end);
        one.recordEnd(Lease.END_MAX_MILLIS);
        assertThat(one.endMillis()).isEqualTo(Lease.END_MAX_MILLIS);
        assertThat(one.replicatedRemainingNanos(Lease.END_MAX_MILLIS - max))
            .isEqualTo(max * 1_000_000);
        assertThat(one.ttlMillis()).isEqualTo(ttl);
        one.recordEnd(0);
        assertThat(one.replicatedRemainingNanos(77)).isEqualTo(ttl * 1_000_000);
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
    long never = Lease.END_MAX_MILLIS + 1;
    assertThatThrownBy(() -> lease.recordEnd(never)).hasMessageContaining("" + never);
    assertThat(Command.TIME_MAX_MILLIS + Command.TTL_MAX_MILLIS)
        .isLessThanOrEqualTo(Lease.END_MAX_MILLIS);
  }

  @Test
  void whatIsOnRecordShrinksWithLeaseTimeToNothing() {
    lease.recordEnd(12_000);
    assertThat(lease.replicatedRemainingNanos(10_000)).isEqualTo(2_000_000_000L);
    assertThat(lease.replicatedRemainingNanos(12_000)).isZero();
    assertThat(lease.replicatedRemainingNanos(13_000)).isZero();
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
