package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lessor.LessorBench.Proposal;
import io.leasehold.core.lessor.LessorBench.SlowRenewal;
import io.leasehold.core.log.ProposalResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The real lessor and state machine against {@link NaiveLessor}, under random commands, with a log
 * that commits, refuses and loses proposals at random. {@code -Dmodel.seed} repeats a run.
 */
class LessorModelTest {
  private static final int COMMANDS = Integer.getInteger("model.commands", 100_000);
  private static final int COMMANDS_PER_RUN = 1000;
  private static final int IDS = 8;
  private static final long TICK = Duration.ofMillis(100).toNanos();
  private static final long INTERVAL = LessorBench.CHECKPOINT_INTERVAL.toNanos();
  private static final long GRACE = LessorBench.ELECTION_TIMEOUT.toNanos();

  /** A checkpoint that did not come through is looked at again after a second. */
  private static final long CHECKPOINT_LATENESS_MAX = Duration.ofSeconds(1).toNanos() + 2 * TICK;

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void lessorDoesWhatTheNaiveOneSays() {
    long only = Long.getLong("model.seed", -1);
    long first = only >= 0 ? only : 1;
    long last = only >= 0 ? only : COMMANDS / COMMANDS_PER_RUN;
    for (long seed = first; seed <= last; seed++) {
      Run run = new Run(seed);
      try {
        run.all();
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "replay: -Dtest=LessorModelTest -Dmodel.seed=" + seed + "; command " + run.commands, e);
      }
    }
  }

  private record Slow(long id, long received, SlowRenewal renewal, Seen seen) {}

  /** What happened since a renewal went to the slow path. */
  private static final class Seen {
    boolean cleared;
    boolean clearingFailed;
    boolean gone;
  }

  private static final class Run {
    private final LessorBench bench = new LessorBench();
    private final NaiveLessor naive = new NaiveLessor();
    private final Random random;
    private final List<Slow> slow = new ArrayList<>();
    private final Set<Long> doubtful = new HashSet<>();
    private int observed;
    private long quietSince = now();
    private int commands;

    Run(long seed) {
      this.random = new Random(seed);
    }

    void all() {
      naive.promoted(now(), GRACE);
      while (commands++ < COMMANDS_PER_RUN) {
        command(1 + random.nextInt(IDS), random.nextInt(100));
        settleSome();
      }
      // What was refused last is proposed again.
      pass(200);
      while (!bench.proposals.isEmpty()) {
        commit();
      }
      assertThat(slow).as("renewals without an answer").isEmpty();
    }

    private long now() {
      return bench.clock.nanoTime();
    }

    private void command(long id, int dice) {
      if (dice < 10) {
        grant(id, 1000L * (2 + random.nextInt(20)));
      } else if (dice < 45) {
        renew(id);
      } else if (dice < 50) {
        bench.lessor.revoke(id, result -> {});
        tick();
      } else if (dice < 99) {
        pass(random.nextInt(100) < 95 ? random.nextInt(400) : random.nextInt(8000));
      } else {
        changeLeader();
      }
    }

    private void grant(long id, long ttlMillis) {
      if (doubtful.contains(id)) {
        return;
      }
      Outcome outcome = bench.apply(new Command.Grant(id, ttlMillis));
      if (naive.leases.containsKey(id)) {
        assertThat(outcome).isEqualTo(new Outcome.LeaseExists(id));
      } else {
        assertThat(outcome).isEqualTo(new Outcome.Granted(id, ttlMillis));
        long ttlNanos = ttlMillis * NaiveLessor.MILLI;
        NaiveLessor.Lease lease =
            new NaiveLessor.Lease(ttlNanos, NaiveLessor.rounded(now() + ttlNanos));
        lease.revokes = (int) bench.proposals.stream().filter(p -> isRequested(p, id)).count();
        naive.leases.put(id, lease);
      }
      tick();
    }

    private void renew(long id) {
      long answer = bench.lessor.renew(id, now());
      assertThat(answer).as("renewal of %d", id).isEqualTo(naive.answer(id));
      if (answer > 0) {
        naive.extend(id, now());
      } else if (random.nextInt(4) > 0) {
        SlowRenewal renewal = new SlowRenewal();
        slow.add(new Slow(id, now(), renewal, new Seen()));
        bench.lessor.renewSlowly(id, now(), renewal);
        tick();
      }
    }

    private void pass(long millis) {
      for (long left = millis * NaiveLessor.MILLI; left > 0; left -= TICK) {
        bench.clock.advance(Duration.ofNanos(Math.min(TICK, left)));
        tick();
      }
    }

    private void tick() {
      bench.tick();
      afterTick();
    }

    /** Brings the naive lessor up to date in the order in which the real one acted. */
    private void afterTick() {
      slow.forEach(s -> s.seen().gone |= !naive.leases.containsKey(s.id()));
      slow.removeIf(this::isAnswered);
      slow.forEach(s -> naive.extend(s.id(), s.received()));
      int i = 0;
      for (Proposal proposal : bench.proposals) {
        if (i++ >= observed) {
          naive.proposed(proposal.command(), now());
        }
      }
      observed = bench.proposals.size();
      quietSince = observed > 0 ? now() : quietSince;
      checkNothingIsForgotten();
    }

    private void checkNothingIsForgotten() {
      long underWay = bench.proposals.stream().filter(Run::isExpiry).count();
      boolean quiet = now() - quietSince > CHECKPOINT_LATENESS_MAX;
      naive.leases.forEach(
          (id, lease) -> {
            assertThat(bench.isAlive(id)).isTrue();
            if (!lease.isEnding() && underWay < 4) {
              assertThat(lease.deadline - now()).as("%d is due", id).isPositive();
            }
            if (!lease.isEnding() && quiet) {
              assertThat(now() - lease.checkpointDue(INTERVAL))
                  .as("checkpoint of %d is late", id)
                  .isLessThan(CHECKPOINT_LATENESS_MAX);
            }
          });
      if (quiet && naive.isAnyOnRecord()) {
        assertThat((naive.trueTimeMillis(now()) - naive.timeMillis) * NaiveLessor.MILLI - INTERVAL)
            .as("lease time is recorded late")
            .isLessThan(CHECKPOINT_LATENESS_MAX);
      }
      assertThat(bench.machine.leases().size()).isEqualTo(naive.leases.size());
    }

    private boolean isAnswered(Slow s) {
      switch (s.renewal().result) {
        case "renewed" -> assertThat(s.seen().cleared).as("%d cleared", s.id()).isTrue();
        case "not found" -> assertThat(s.seen().gone).as("%d gone", s.id()).isTrue();
        case "failed" -> assertThat(s.seen().clearingFailed).as("%d failed", s.id()).isTrue();
        default -> {
          return false;
        }
      }
      return true;
    }

    // What the log does

    private void settleSome() {
      int dice = random.nextInt(100);
      if (dice < 50) {
        while (!bench.proposals.isEmpty()) {
          commit();
        }
      } else if (!bench.proposals.isEmpty()) {
        if (dice < 75) {
          commit();
        } else if (dice < 85) {
          fail(new ProposalResult.Rejected(ProposalResult.Rejection.OVERLOADED), false);
        } else if (dice < 90) {
          fail(new ProposalResult.Unknown("by dice"), random.nextBoolean());
        }
      }
    }

    private Proposal take() {
      observed--;
      return bench.proposals.remove();
    }

    private Outcome apply(Proposal proposal) {
      Outcome outcome = bench.apply(proposal.command());
      naive.applied(proposal.command());
      return outcome;
    }

    private void commit() {
      Proposal proposal = take();
      proposal.callback().complete(new ProposalResult.Applied(1, apply(proposal)));
      slow.forEach(s -> s.seen().cleared |= NaiveLessor.clears(proposal, s.id()));
      tick();
      for (long id = 1; id <= IDS; id++) {
        long clearing = id;
        if (NaiveLessor.clears(proposal, id)
            && bench.proposals.stream().noneMatch(p -> NaiveLessor.clears(p, clearing))) {
          naive.cleared(id);
        }
      }
      dropSettledDoubts();
    }

    private void fail(ProposalResult result, boolean appliedAllTheSame) {
      Proposal proposal = take();
      boolean unknown = result instanceof ProposalResult.Unknown;
      if (appliedAllTheSame) {
        apply(proposal);
      }
      for (long id = 1; id <= IDS; id++) {
        if (isRequested(proposal, id)) {
          naive.notRevoked(id, unknown);
          if (unknown) {
            doubtful.add(id);
          }
        }
      }
      slow.forEach(s -> s.seen().clearingFailed |= NaiveLessor.clears(proposal, s.id()));
      proposal.callback().complete(result);
      tick();
      dropSettledDoubts();
    }

    private void dropSettledDoubts() {
      doubtful.removeIf(id -> bench.proposals.stream().noneMatch(p -> isRequested(p, id)));
    }

    private void changeLeader() {
      for (int survivors = random.nextInt(bench.proposals.size() + 1); survivors > 0; survivors--) {
        apply(take());
      }
      bench.changeLeader();
      observed = 0;
      quietSince = now();
      doubtful.clear();
      assertThat(slow).allMatch(s -> !s.renewal().result.equals("waiting"));
      slow.clear();
      naive.promoted(now(), GRACE);
      tick();
    }

    private static boolean isExpiry(Proposal proposal) {
      return proposal.command() instanceof Command.Revoke revoke
          && revoke.cause() == RevokeCause.EXPIRED;
    }

    private static boolean isRequested(Proposal proposal, long id) {
      return proposal.command() instanceof Command.Revoke revoke
          && revoke.cause() == RevokeCause.REQUESTED
          && revoke.leaseIds().equals(LeaseIds.of(id));
    }
  }
}
