package io.leasehold.core.sim;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.lessor.LessorObserver;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemoryStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * One member: the real state machine and, while it believes to lead, the real lessor, on a clock of
 * its own.
 */
final class SimMember {
  private static final long WAKE_NANOS = 10_000;

  final String name;
  private final World world;
  private final SimLog log;
  private final LessorConfig config;
  private final Variant variant;
  private final Ledger ledger;
  private final long offsetNanos;
  private final double rate;
  private long wallJumpNanos;

  private MemoryStore store = new MemoryStore();
  private MemoryStore flushed = new MemoryStore();
  private long flushedIndex;
  private LeaseStateMachine machine;
  private long applied;
  private Lessor lessor;
  private long termStartedAt;
  private int life;
  private boolean paused;
  private final ArrayDeque<Runnable> deferred = new ArrayDeque<>();
  private final List<Runnable> appliedWaiters = new ArrayList<>();
  private boolean tickScheduled;
  private long tickAt;
  private boolean applying;

  SimMember(
      String name,
      World world,
      SimLog log,
      LessorConfig config,
      Variant variant,
      Ledger ledger,
      double rate) {
    this.name = name;
    this.world = world;
    this.log = log;
    this.config = config;
    this.variant = variant;
    this.ledger = ledger;
    this.rate = rate;
    // Now and then the clock's reading overflows during the run.
    this.offsetNanos =
        world.chance(0.1)
            ? Long.MAX_VALUE - world.between(0, 120 * World.SECOND)
            : world.random.nextLong();
    this.machine = newMachine();
  }

  private LeaseStateMachine newMachine() {
    LeaseStateMachine fresh =
        new LeaseStateMachine(store, store.keys(), new Listener(), KeyListener.NONE);
    fresh.reload();
    return fresh;
  }

  long clock() {
    long own = offsetNanos + (long) (world.now() * rate);
    return variant == Variant.WALL_CLOCK_DEADLINES ? own + wallJumpNanos : own;
  }

  void jumpWallClock(long nanos) {
    wallJumpNanos += nanos;
  }

  LeaseStateMachine machine() {
    return machine;
  }

  Lessor lessor() {
    return lessor;
  }

  long applied() {
    return applied;
  }

  int life() {
    return life;
  }

  boolean isPaused() {
    return paused;
  }

  /** Runs now, or when this member goes on. */
  void run(Runnable action) {
    if (paused) {
      deferred.add(action);
    } else {
      action.run();
    }
  }

  void pause() {
    paused = true;
  }

  /** Goes on: what fell due meanwhile happens in the order in which it fell due. */
  void resume() {
    paused = false;
    while (!deferred.isEmpty() && !paused) {
      deferred.remove().run();
    }
  }

  int deferred() {
    return deferred.size();
  }

  // Applying

  void applySoon() {
    if (!applying && applied < log.committed()) {
      applying = true;
      int inLife = life;
      long delay =
          world.chance(0.05)
              ? world.between(50 * World.MILLI, 400 * World.MILLI)
              : world.between(0, 10 * World.MILLI);
      world.after(
          delay,
          () ->
              run(
                  () -> {
                    applying = false;
                    if (life == inLife) {
                      applyAll();
                    }
                    applySoon();
                  }));
    }
  }

  private void applyAll() {
    while (applied < log.committed()) {
      SimLog.Entry entry = log.entry(applied + 1);
      Outcome outcome = machine.apply(entry.term, entry.command);
      applied++;
      ledger.applied(this, entry, outcome, machine.stateHash());
      if (entry.proposer == this && entry.proposerLife == life && !entry.answered) {
        entry.answered = true;
        entry.callback.complete(new ProposalResult.Applied(entry.index, outcome));
      }
      if (world.chance(0.02)) {
        flushed = store.copy();
        flushedIndex = applied;
      }
    }
    List<Runnable> waiters = new ArrayList<>(appliedWaiters);
    appliedWaiters.clear();
    waiters.forEach(Runnable::run);
  }

  void whenApplied(long index, Runnable action) {
    if (applied >= index) {
      action.run();
    } else {
      appliedWaiters.add(() -> whenApplied(index, action));
    }
  }

  // Roles

  void promote(long term) {
    demote();
    Lessor next =
        new Lessor(
            term,
            config,
            machine.leases(),
            this::promotionClock,
            (command, atTerm, callback) -> propose(command, atTerm, callback),
            ledger.observer(),
            this::wakeUp);
    promoting = variant == Variant.NO_EXTENSION_AT_PROMOTION;
    next.promote();
    promoting = false;
    if (variant == Variant.NO_TIMERS_AFTER_ELECTION) {
      machine
          .leases()
          .forEach(
              lease -> lease.schedule(clock() + 1_000_000 * World.SECOND, lease.endMillis() != 0));
    }
    termStartedAt = clock();
    lessor = next;
    ledger.promoted(machine);
    tickAt(clock());
  }

  private boolean promoting;

  private long promotionClock() {
    return promoting ? termStartedAt - config.electionTimeoutNanos() : clock();
  }

  /** Notes when the term that this member takes part in began, by its own clock. */
  void termStarted() {
    if (lessor == null) {
      termStartedAt = clock();
    }
  }

  void demote() {
    if (lessor != null) {
      Lessor old = lessor;
      lessor = null;
      old.demote();
      old.tick(clock());
    }
  }

  private void propose(
      Command command, long atTerm, io.leasehold.core.log.CommandLog.Callback callback) {
    Command mutated = command instanceof Command.Checkpoint c ? mutated(c) : command;
    ledger.proposed(this, mutated);
    log.propose(this, mutated, atTerm, callback);
  }

  private Command mutated(Command.Checkpoint checkpoint) {
    long timeMillis =
        switch (variant) {
          case LEASE_TIME_NOT_RECORDED -> Math.min(1, checkpoint.timeMillis());
          case LEASE_TIME_AHEAD -> checkpoint.timeMillis() * 2;
          default -> checkpoint.timeMillis();
        };
    return new Command.Checkpoint(
        checkpoint.leaseIds(), checkpoint.remainingMillis(), timeMillis, checkpoint.fenceTerm());
  }

  private void wakeUp() {
    tickAt(clock());
  }

  private void tickAt(long ownNanos) {
    // A thread takes a moment to wake up; without it, rounding could stop true time.
    long at = world.now() + Math.max(0, (long) ((ownNanos - clock()) / rate)) + WAKE_NANOS;
    if (tickScheduled && tickAt <= at) {
      return;
    }
    tickScheduled = true;
    tickAt = at;
    int inLife = life;
    world.at(at, () -> run(() -> tick(at, inLife)));
  }

  private void tick(long planned, int inLife) {
    if (!tickScheduled || planned != tickAt || life != inLife) {
      return;
    }
    tickScheduled = false;
    Lessor current = lessor;
    if (current != null) {
      tickAt(current.tick(clock()));
    }
  }

  // Restarts

  /**
   * Loses everything volatile; the state comes back as of some earlier flush, and the log after it
   * is applied again.
   */
  void restart() {
    life++;
    lessor = null;
    tickScheduled = false;
    applying = false;
    paused = false;
    deferred.clear();
    appliedWaiters.clear();
    if (variant == Variant.RESTART_LOSES_A_LEASE) {
      flushed.dropOneLease();
    }
    store = flushed.copy();
    applied = flushedIndex;
    if (variant == Variant.ENTRIES_APPLIED_TWICE) {
      applied -= Math.min(applied, world.random.nextInt(5));
    }
    machine = newMachine();
    applySoon();
  }

  /** Takes another member's state as a snapshot, which may be ahead of where this member is. */
  void install(SimMember from) {
    if (from.applied <= applied || lessor != null) {
      return;
    }
    store = from.store.copy();
    if (variant == Variant.SNAPSHOT_FORGETS_CHECKPOINTS) {
      store.forgetEnds();
    }
    flushed = store.copy();
    applied = from.applied;
    flushedIndex = applied;
    machine = newMachine();
    ledger.checkHash(this, applied, machine.stateHash());
  }

  private final class Listener implements LeaseListener {
    @Override
    public void granted(Lease lease) {
      if (lessor != null) {
        lessor.granted(lease);
      }
    }

    @Override
    public void revoked(List<Lease> leases) {
      if (lessor != null) {
        lessor.revoked(leases);
      }
    }

    @Override
    public void checkpointed(List<Lease> leases) {
      if (lessor != null) {
        lessor.checkpointed(leases);
      }
    }
  }

  static LessorObserver counting(Runnable fenced, Runnable stalled, Runnable checkpointed) {
    return new LessorObserver() {
      @Override
      public void expired(long latenessNanos) {}

      @Override
      public void checkpointed(int count, long latenessNanos) {
        checkpointed.run();
      }

      @Override
      public void stalled(long nanos) {
        stalled.run();
      }

      @Override
      public void fencedOff(int count) {
        fenced.run();
      }
    };
  }
}
