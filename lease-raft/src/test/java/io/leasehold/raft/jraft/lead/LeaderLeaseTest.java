package io.leasehold.raft.jraft.lead;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LeaderLeaseTest {
  private static final long LENGTH = 600;

  private final AtomicLong now = new AtomicLong(1_000);
  private final AtomicLong currentTerm = new AtomicLong(3);
  private final LeaderLease lease = new LeaderLease(now::get, currentTerm::get);

  @Test
  void itBeginsWithARoundAndCountsFromTheSending() {
    lease.lead(3);
    assertThat(lease.isCertain(3)).isFalse();
    long sent = now.get();
    now.addAndGet(100);
    lease.confirm(3, sent, LENGTH);
    now.set(sent + LENGTH - 1);
    assertThat(lease.isCertain(3)).isTrue();
    now.set(sent + LENGTH);
    assertThat(lease.isCertain(3)).isFalse();
  }

  @Test
  void aLateAnswerDoesNotShortenIt() {
    lease.lead(3);
    lease.confirm(3, 1_200, LENGTH);
    lease.confirm(3, 1_100, LENGTH);
    now.set(1_750);
    assertThat(lease.isCertain(3)).isTrue();
  }

  @Test
  void itHoldsForItsTermOnly() {
    lease.lead(3);
    lease.confirm(2, now.get(), LENGTH);
    assertThat(lease.isCertain(3)).isFalse();
    lease.confirm(3, now.get(), LENGTH);
    assertThat(lease.isCertain(2)).isFalse();
    assertThat(lease.isCertain(4)).isFalse();
  }

  @Test
  void itEndsWithLeadership() {
    lease.lead(3);
    lease.confirm(3, now.get(), LENGTH);
    lease.drop();
    assertThat(lease.isCertain(3)).isFalse();
    lease.confirm(3, now.get(), LENGTH);
    assertThat(lease.isCertain(3)).isFalse();
  }

  @Test
  void aMemberThatMovedToALaterTermIsCertainOfNothing() {
    lease.lead(3);
    lease.confirm(3, now.get(), LENGTH);
    currentTerm.set(4); // it voted, and nobody has told its lessor yet
    assertThat(lease.isCertain(3)).isFalse();
  }

  @Test
  void onceGivenUpForATransferItDoesNotComeBackInThatTerm() {
    lease.lead(3);
    lease.confirm(3, now.get(), LENGTH);
    lease.giveUp();
    assertThat(lease.isCertain(3)).isFalse();
    now.addAndGet(1_000_000);
    lease.lead(3); // the transfer failed
    lease.confirm(3, now.get(), LENGTH);
    assertThat(lease.isCertain(3)).isFalse();
    currentTerm.set(5);
    lease.lead(5);
    lease.confirm(5, now.get(), LENGTH);
    assertThat(lease.isCertain(5)).isTrue();
  }
}
