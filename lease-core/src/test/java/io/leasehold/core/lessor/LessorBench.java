package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemoryStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A state machine, a lessor and a log whose answers the test gives by hand: everything happens on
 * the test's thread, when the test says so.
 */
final class LessorBench implements LessorObserver {
  static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);
  static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(5);

  /** A proposal that waits for the test to decide its fate. */
  record Proposal(Command command, long term, CommandLog.Callback callback) {}

  /** What became of a renewal on the slow path. */
  static final class SlowRenewal implements Renewal.Callback {
    String result = "waiting";

    @Override
    public void renewed(long ttlMillis) {
      result = "renewed";
    }

    @Override
    public void notFound() {
      result = "not found";
    }

    @Override
    public void failed() {
      result = "failed";
    }
  }

  final FakeClock clock = new FakeClock(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
  final ArrayDeque<Proposal> proposals = new ArrayDeque<>();
  final List<Long> latenesses = new ArrayList<>();
  final List<Long> stalls = new ArrayList<>();
  final LeaseStateMachine machine;
  Lessor lessor;
  private long index;
  private LessorConfig config;

  LessorBench() {
    this(LessorConfig.of(ELECTION_TIMEOUT.toNanos(), CHECKPOINT_INTERVAL.toNanos()));
  }

  LessorBench(LessorConfig config) {
    this.config = config;
    MemoryStore store = new MemoryStore();
    machine = new LeaseStateMachine(store, store.keys(), new Forward(), KeyListener.NONE);
    lessor = newLessor(1);
    lessor.promote();
  }

  private Lessor newLessor(long term) {
    return new Lessor(
        term,
        config,
        machine.leases(),
        clock,
        (command, t, callback) -> proposals.add(new Proposal(command, t, callback)),
        this,
        () -> {});
  }

  /** Ends the term and begins the next: the same member, promoted again from its state. */
  void changeLeader() {
    lessor.demote();
    lessor.tick(clock.nanoTime());
    proposals.clear();
    lessor = newLessor(lessor.term() + 1);
    lessor.promote();
  }

  /** The same, but nothing of the former lessor is over when the next one begins to act. */
  void changeLeader(Runnable meanwhile) {
    lessor.demote();
    lessor = newLessor(lessor.term() + 1);
    lessor.promote();
    meanwhile.run();
  }

  Outcome apply(Command command) {
    index++;
    return machine.apply(lessor.term(), command);
  }

  void grant(long leaseId, Duration ttl) {
    apply(new Command.Grant(leaseId, ttl.toMillis()));
    tick();
  }

  long renew(long leaseId) {
    return lessor.renew(leaseId, clock.nanoTime());
  }

  SlowRenewal renewSlowly(long leaseId) {
    SlowRenewal renewal = new SlowRenewal();
    lessor.renewSlowly(leaseId, clock.nanoTime(), renewal);
    tick();
    return renewal;
  }

  void tick() {
    lessor.tick(clock.nanoTime());
  }

  /** Lets time pass as the owner thread sees it when nothing disturbs it. */
  void pass(Duration duration) {
    long stepNanos = config.tickMaxNanos();
    for (long left = duration.toNanos(); left > 0; left -= stepNanos) {
      clock.advance(Duration.ofNanos(Math.min(stepNanos, left)));
      tick();
    }
  }

  /** Commits the oldest proposal and hands its answer over. */
  Outcome commitNext() {
    Proposal proposal = proposals.remove();
    Outcome outcome = apply(proposal.command());
    proposal.callback().complete(new ProposalResult.Applied(index, outcome));
    tick();
    return outcome;
  }

  /** Commits the oldest proposal and returns it. */
  Command commitNextCommand() {
    Command command = proposals.element().command();
    commitNext();
    return command;
  }

  void commitAll() {
    while (!proposals.isEmpty()) {
      commitNext();
    }
  }

  void refuseNext() {
    refuseFirst();
    tick();
  }

  /** Refuses the oldest proposal; the lessor has yet to attend to it. */
  void refuseFirst() {
    proposals
        .remove()
        .callback()
        .complete(new ProposalResult.Rejected(ProposalResult.Rejection.OVERLOADED));
  }

  void loseNext() {
    proposals.remove().callback().complete(new ProposalResult.Unknown("lost by the test"));
    tick();
  }

  /** Returns what a new leader would give a lease, beside the election timeout. */
  long replicatedRemainingNanos(long leaseId) {
    return machine.leases().get(leaseId).replicatedRemainingNanos(machine.leases().timeMillis());
  }

  boolean isAlive(long leaseId) {
    return machine.leases().get(leaseId) != null;
  }

  @Override
  public void expired(long latenessNanos) {
    latenesses.add(latenessNanos);
  }

  @Override
  public void checkpointed(int count, long latenessNanos) {}

  @Override
  public void stalled(long nanos) {
    stalls.add(nanos);
  }

  @Override
  public void fencedOff(int count) {}

  private final class Forward implements LeaseListener {
    @Override
    public void granted(Lease lease) {
      lessor.granted(lease);
    }

    @Override
    public void revoked(List<Lease> leases) {
      lessor.revoked(leases);
    }

    @Override
    public void checkpointed(List<Lease> leases) {
      lessor.checkpointed(leases);
    }
  }
}
