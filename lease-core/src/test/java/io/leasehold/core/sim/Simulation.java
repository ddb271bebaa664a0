package io.leasehold.core.sim;

import io.leasehold.core.lessor.LessorConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * One run: everything about it follows from its seed. Throws {@link SimulationFailure} when a rule
 * is broken.
 */
final class Simulation {
  private static final long CHAOS = 60 * World.SECOND;
  private static final double RHO = 0.01;
  private static final int CLIENTS = 6;
  private static final long NEVER = Long.MAX_VALUE / 4;

  private final long seed;
  private final World world;
  private final SimLog log;
  private final Ledger ledger;
  private final List<SimMember> members = new ArrayList<>();
  private final LessorConfig config;
  private final Variant variant;
  private final long judgedPauseNanos;
  private final SimServer server;

  Simulation(long seed, Variant variant, Ledger.Coverage coverage, boolean tracing) {
    this.seed = seed;
    this.world = new World(seed, tracing);
    // Shorter than an election timeout, too.
    long interval = world.between(World.SECOND / 5, 6 * World.SECOND);
    LessorConfig right = rightConfig(LessorConfig.of(World.SECOND, interval));
    this.variant = variant;
    this.config = config(right, variant);
    this.judgedPauseNanos = right.stallThresholdNanos() + 2 * right.tickMaxNanos();
    this.log = new SimLog(world, variant);
    this.ledger = new Ledger(world, log, right, RHO, coverage);
    int size = world.chance(0.8) ? 3 : 5;
    for (int i = 0; i < size; i++) {
      double rate = 1 + RHO * (2 * world.random.nextDouble() - 1);
      members.add(new SimMember("n" + (i + 1), world, log, config, variant, ledger, rate));
    }
    this.server = new SimServer(world, log, members, variant, ledger);
    log.onCommit(() -> members.forEach(SimMember::applySoon));
    world.trace(
        "seed %d: %d members, %s, checkpoint interval %.1f s", seed, size, variant, interval / 1e9);
  }

  /** Limits so small that they are met now and then. */
  private LessorConfig rightConfig(LessorConfig c) {
    if (world.chance(0.7)) {
      return c;
    }
    return new LessorConfig(
        c.electionTimeoutNanos(),
        c.checkpointIntervalNanos(),
        1 + world.random.nextInt(3),
        1 + world.random.nextInt(2),
        c.revokeRatePerSecond(),
        1 + world.random.nextInt(3),
        1 + world.random.nextInt(2),
        c.tickMaxNanos(),
        c.stallThresholdNanos());
  }

  private static LessorConfig config(LessorConfig c, Variant variant) {
    return new LessorConfig(
        c.electionTimeoutNanos(),
        variant == Variant.NO_CHECKPOINTS ? NEVER : c.checkpointIntervalNanos(),
        c.revokeBatchMax(),
        c.revokesInFlightMax(),
        c.revokeRatePerSecond(),
        c.checkpointBatchMax(),
        c.checkpointsInFlightMax(),
        c.tickMaxNanos(),
        variant == Variant.STALL_NOT_COMPENSATED ? NEVER : c.stallThresholdNanos());
  }

  /** Runs to the end and returns the number of events. */
  long run() {
    elect(anyMember());
    world.after(world.between(0, 3 * World.SECOND), this::lookAtList);
    for (int i = 0; i < CLIENTS; i++) {
      SimClient client = new SimClient(world, server, ledger, i, CHAOS);
      world.after(world.between(0, World.SECOND), client::begin);
    }
    world.after(world.between(World.SECOND, 4 * World.SECOND), this::fault);
    runUntil(CHAOS);
    heal();
    runUntil(CHAOS + 70 * World.SECOND);
    ledger.checkNothingLivesOn();
    ledger.coverage.counts.merge(
        "proposals in doubt that were committed", (long) log.unknownButCommitted, Long::sum);
    return world.steps();
  }

  private void runUntil(long untilNanos) {
    while (world.step(untilNanos)) {
      // every step checks the rules it touches
    }
  }

  /** Somebody lists the leases, through whichever member. */
  private void lookAtList() {
    if (world.now() > CHAOS) {
      return;
    }
    server.list(anyMember());
    world.after(world.between(0, 3 * World.SECOND), this::lookAtList);
  }

  private SimMember anyMember() {
    return members.get(world.random.nextInt(members.size()));
  }

  // Leadership

  private void elect(SimMember elected) {
    SimMember old = log.leader();
    if (elected.isPaused()) {
      world.after(100 * World.MILLI, () -> elect(anyMember()));
      return;
    }
    ledger.unhealthy();
    log.elect(elected);
    long term = log.term();
    world.trace("%s is elected for term %d", elected.name, term);
    members.forEach(SimMember::applySoon);
    for (SimMember member : members) {
      if (member != elected) {
        learnsLater(member, term);
      }
    }
    if (old != null && old != elected) {
      ledger.coverage.count("leader changes");
    }
    elected.whenApplied(
        variant == Variant.PROMOTED_TOO_EARLY ? 0 : log.last(),
        () ->
            elected.run(
                () -> {
                  if (log.leads(elected, term)) {
                    elected.promote(term);
                    world.trace("%s is promoted", elected.name);
                  }
                }));
  }

  /** A deposed leader acts on until it learns. */
  private void learnsLater(SimMember member, long term) {
    long late =
        world.chance(0.5) ? world.between(0, 50 * World.MILLI) : world.between(0, 4 * World.SECOND);
    world.after(
        late,
        () ->
            member.run(
                () -> {
                  member.termStarted();
                  if (member.lessor() != null && member.lessor().term() < term) {
                    world.trace("%s learns of term %d", member.name, term);
                    member.demote();
                  }
                }));
  }

  private void electionAfter(long nanos) {
    long termBefore = log.term();
    world.after(
        nanos,
        () -> {
          if (log.term() == termBefore) {
            elect(anyMember());
          }
        });
  }

  // Faults

  private void fault() {
    if (world.now() > CHAOS) {
      return;
    }
    int dice = world.random.nextInt(14);
    if (dice < 3) {
      elect(anyMember());
    } else if (dice < 5) {
      pauseLeader();
    } else if (dice < 6) {
      pause(anyMember(), world.between(100 * World.MILLI, 4 * World.SECOND));
    } else if (dice < 8) {
      restart(log.leader() != null ? log.leader() : anyMember());
    } else if (dice < 9) {
      restart(anyMember());
    } else if (dice < 11) {
      SimMember member = anyMember();
      member.jumpWallClock(world.between(-3600 * World.SECOND, 3600 * World.SECOND));
      ledger.coverage.count("wall clock jumps");
    } else if (dice < 13) {
      logStandsStill();
    } else {
      SimMember behind = anyMember();
      if (!behind.isPaused()) {
        behind.install(anyMember());
        ledger.coverage.count("snapshots installed");
      }
    }
    world.after(world.between(200 * World.MILLI, 6 * World.SECOND), this::fault);
  }

  /**
   * The leader stands still; if that takes longer than an election, another is likely to be elected
   * meanwhile.
   */
  private void pauseLeader() {
    SimMember leader = log.leader();
    if (leader == null || leader.isPaused()) {
      return;
    }
    long nanos = world.between(100 * World.MILLI, 8 * World.SECOND);
    ledger.coverage.count("leader pauses");
    ledger.unhealthy();
    if (world.chance(0.5) && nanos > World.SECOND) {
      electionAfter(world.between(World.SECOND, nanos));
    }
    pause(leader, nanos);
  }

  /**
   * Nothing is committed for a while, and the leader does not know why; often another is elected
   * meanwhile.
   */
  private void logStandsStill() {
    if (log.leader() == null) {
      return;
    }
    long nanos = world.between(200 * World.MILLI, 3 * World.SECOND);
    world.trace("the log stands still for %.1f s", nanos / 1e9);
    ledger.coverage.count("log stands still");
    ledger.unhealthy();
    log.standStill(world.now() + nanos);
    if (world.chance(0.5) && nanos > World.SECOND) {
      electionAfter(world.between(World.SECOND, nanos));
    }
    SimMember leader = log.leader();
    long term = log.term();
    world.after(
        nanos,
        () -> {
          if (log.leads(leader, term)
              && leader.lessor() != null
              && !leader.isPaused()
              && !log.standsStill()) {
            ledger.healthy();
          }
        });
  }

  private void pause(SimMember member, long nanos) {
    if (member.isPaused()) {
      return;
    }
    world.trace("%s is paused for %.1f s", member.name, nanos / 1e9);
    if (log.leader() == member) {
      ledger.unhealthy();
    }
    boolean judged = nanos >= judgedPauseNanos;
    member.pause();
    int life = member.life();
    world.after(
        nanos,
        () -> {
          if (member.life() == life && member.isPaused()) {
            resume(member, judged);
          }
        });
  }

  private void resume(SimMember member, boolean judged) {
    world.trace("%s goes on", member.name);
    if (!judged) {
      ledger.pauseOver(member);
    }
    member.resume();
    ledger.pauseOver(member);
    if (log.leader() == member && member.lessor() != null && !log.standsStill()) {
      ledger.healthy();
    }
    member.applySoon();
  }

  private void restart(SimMember member) {
    world.trace("%s restarts", member.name);
    ledger.coverage.count("restarts");
    ledger.pauseOver(member);
    if (log.leader() == member) {
      ledger.unhealthy();
      log.noLeader();
      electionAfter(world.between(World.SECOND, 3 * World.SECOND));
    }
    member.restart();
  }

  private void heal() {
    world.trace("healed");
    for (SimMember member : members) {
      if (member.isPaused()) {
        resume(member, false);
      }
    }
    if (log.leader() == null) {
      elect(anyMember());
    }
  }

  @Override
  public String toString() {
    return "seed " + seed;
  }
}
