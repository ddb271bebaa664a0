package io.leasehold.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LeaseTest {
  private final Lease lease = new Lease(1, 5000, 0);

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
