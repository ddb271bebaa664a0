package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** More leases than the log takes at once. */
class DueLeasesTest {
  private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);
  private static final Duration INTERVAL = Duration.ofSeconds(5);
  private static final Duration TTL = Duration.ofHours(1);
  private static final Duration STEP = Duration.ofMillis(10);
  private static final int LEASES = 100_000;

  private record Proposal(Command command, CommandLog.Callback callback) {}

  private final LessorConfig config =
      LessorConfig.of(ELECTION_TIMEOUT.toNanos(), INTERVAL.toNanos());
  private final FakeClock clock = new FakeClock(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
  private final LeaseTable leases = new LeaseTable();
  private final ArrayDeque<Proposal> proposals = new ArrayDeque<>();
  private final Owner owner =
      new Owner(
          1,
          config,
          leases,
          clock,
          (command, term, callback) -> proposals.add(new Proposal(command, callback)),
          LessorObserver.NONE,
          () -> {});
  private final DueLeases due =
      new DueLeases(owner, this::isClearing, new StallGuard(0, Long.MAX_VALUE, owner.observer));
  private final Endings endings = new Endings();
  private long looks;

  /** Asked whenever a lease is looked at, up to three times. */
  private boolean isClearing(long leaseId) {
    looks++;
    return false;
  }

  private void allAreDueForACheckpoint() {
    for (long id = 1; id <= LEASES; id++) {
      leases.put(new Lease(id, TTL.toMillis(), 0));
    }
    due.fill();
    clock.advance(INTERVAL.plus(ELECTION_TIMEOUT).plus(STEP));
    looks = 0;
  }

  private void tick() {
    owner.drainInbox();
    due.attend(clock.nanoTime(), endings);
  }

  @Test
  void aTickLooksAtSoManyAndTheRestIsStillDue() {
    allAreDueForACheckpoint();
    tick();
    assertThat(looks).isPositive().isLessThanOrEqualTo(3L * DueLeases.ATTENDED_PER_TICK_MAX);
    long now = clock.nanoTime();
    assertThat(due.nextAttentionAt(now, now + STEP.toNanos())).isEqualTo(now);
  }

  @Test
  void leasesThatWaitForRoomAreNotLookedAtAllTheTime() {
    allAreDueForACheckpoint();
    for (int i = 0; i < 100; i++) {
      tick();
      clock.advance(STEP);
    }
    assertThat(proposals).hasSize(config.checkpointsInFlightMax());
    assertThat(looks).isLessThan(10L * LEASES);
  }

  @Test
  void leasesThatWaitedForRoomAreCheckpointed() {
    allAreDueForACheckpoint();
    Set<Long> checkpointed = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      tick();
      while (!proposals.isEmpty()) {
        commit(proposals.remove(), checkpointed);
      }
      clock.advance(STEP);
    }
    assertThat(checkpointed).hasSize(LEASES);
  }

  private void commit(Proposal proposal, Set<Long> checkpointed) {
    Command.Checkpoint checkpoint = (Command.Checkpoint) proposal.command();
    int count = checkpoint.leaseIds().size();
    for (int i = 0; i < count; i++) {
      long id = checkpoint.leaseIds().get(i);
      Lease lease = leases.get(id);
      assertThat(lease).isNotNull();
      leases.recordEnd(lease, checkpoint.timeMillis() + checkpoint.remainingMillis().get(i));
      checkpointed.add(id);
    }
    proposal.callback().complete(new ProposalResult.Applied(1, new Outcome.Checkpointed(count)));
  }
}
