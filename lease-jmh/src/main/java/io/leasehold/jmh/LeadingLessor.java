package io.leasehold.jmh;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyStore;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.lessor.LessorObserver;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.StateStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A leader's state machine and its lessor, with a log that keeps what is proposed until it is told
 * to commit it. One thread.
 */
final class LeadingLessor implements LeaseListener {
  static final long TERM = 1;
  private static final Duration ELECTION_TIMEOUT = Duration.ofSeconds(1);

  /** So long that checkpoints are none of the benchmark's business. */
  private static final Duration CHECKPOINT_INTERVAL = Duration.ofHours(1);

  /** Spreads numbers over all IDs, as those that members choose are. */
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private static final int TICK_EVERY = 1000;

  private final List<Proposal> proposed = new ArrayList<>();
  private final LeaseStateMachine machine;
  private @Nullable Lessor lessor;
  private long nowNanos;
  private long index;

  private record Proposal(Command command, CommandLog.Callback callback) {}

  LeadingLessor(StateStore store, KeyStore keys) {
    machine = new LeaseStateMachine(store, keys, this, KeyListener.NONE);
    promote();
  }

  /** Begins to lead anew, with the leases there are. */
  void promote() {
    CommandLog log = (command, term, callback) -> proposed.add(new Proposal(command, callback));
    Lessor promoted =
        new Lessor(
            TERM,
            LessorConfig.of(ELECTION_TIMEOUT.toNanos(), CHECKPOINT_INTERVAL.toNanos()),
            machine.leases(),
            () -> nowNanos,
            log,
            LessorObserver.NONE,
            () -> {});
    lessor = promoted;
    promoted.promote();
  }

  static long id(int number) {
    return number * GOLDEN;
  }

  /** Grants leases numbered from 1 on. */
  void grant(int count, Duration ttl) {
    for (int i = 1; i <= count; i++) {
      var unused = apply(new Command.Grant(id(i), ttl.toMillis()));
      if (i % TICK_EVERY == 0) {
        long unusedNext = tick();
      }
    }
    long unusedNext = tick();
  }

  /** Applies an entry with one command. */
  Outcome apply(Command command) {
    index++;
    return machine.apply(TERM, command);
  }

  /** Applies an entry. */
  List<Outcome> apply(List<Command> commands) {
    index++;
    return machine.apply(TERM, commands);
  }

  /** Applies what the lessor proposed, and returns how many commands that were. */
  int commit() {
    List<Proposal> committed = List.copyOf(proposed);
    proposed.clear();
    for (Proposal proposal : committed) {
      Outcome outcome = apply(proposal.command());
      proposal.callback().complete(new ProposalResult.Applied(index, outcome));
    }
    return committed.size();
  }

  Lessor lessor() {
    Lessor current = lessor;
    if (current == null) {
      throw new IllegalStateException("nobody was promoted");
    }
    return current;
  }

  LeaseStateMachine machine() {
    return machine;
  }

  void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  long nowNanos() {
    return nowNanos;
  }

  long tick() {
    return lessor().tick(nowNanos);
  }

  @Override
  public void granted(Lease lease) {
    lessor().granted(lease);
  }

  @Override
  public void revoked(List<Lease> leases) {
    lessor().revoked(leases);
  }

  @Override
  public void checkpointed(List<Lease> leases) {
    lessor().checkpointed(leases);
  }
}
