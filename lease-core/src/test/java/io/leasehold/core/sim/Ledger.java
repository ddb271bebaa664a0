package io.leasehold.core.sim;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.lessor.LessorObserver;
import io.leasehold.core.state.LeaseStateMachine;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What everybody saw, and the rules held against it after every event. Times are true time; {@code
 * rho} bounds how far the rate of a member's clock is off.
 */
final class Ledger {
  /** How often what must happen in a good run has happened. */
  static final class Coverage {
    final Map<String, Long> counts = new HashMap<>();

    void count(String what) {
      counts.merge(what, 1L, Long::sum);
    }
  }

  private static final class Life {
    final long ttlNanos;
    boolean granted;
    boolean revokeAsked;
    long grantedAt = Long.MAX_VALUE;
    long aliveUntil;

    /** In lease time; 0 for none. */
    long endMillis;

    long lastExtended;
    double allowanceThen;

    /** As of when the last renewal came that has to go through the log. */
    double allowanceAtReceipt;

    long endedAt = -1;
    boolean expired;

    Life(long ttlNanos) {
      this.ttlNanos = ttlNanos;
    }
  }

  /**
   * Beside a second for commit and apply: the election timeout that the last promotion gave, which
   * a renewal right after it does not take back.
   */
  private static final long SLACK = 2 * World.SECOND;

  private final World world;
  private final SimLog log;
  private final LessorConfig config;
  private final double rho;
  final Coverage coverage;
  private final Map<Long, Life> lives = new HashMap<>();
  private long timeMillis;
  private final Map<Long, Long> hashes = new HashMap<>();
  private final Map<SimMember, Set<Long>> waiting = new HashMap<>();
  private final Map<SimMember, Set<Long>> decided = new HashMap<>();
  private double allowance;
  private long unhealthySince = -1;

  Ledger(World world, SimLog log, LessorConfig config, double rho, Coverage coverage) {
    this.world = world;
    this.log = log;
    this.config = config;
    this.rho = rho;
    this.coverage = coverage;
  }

  // What clients do and see

  void grantSent(long id, long ttlNanos) {
    Life life = new Life(ttlNanos);
    lives.put(id, life);
  }

  void grantAcknowledged(long id, long sentNanos) {
    Life life = lives.get(id);
    life.granted = true;
    life.grantedAt = Math.min(life.grantedAt, world.now());
    evidenceOfLife(id, life, sentNanos);
  }

  void renewalAcknowledged(long id, long sentNanos) {
    evidenceOfLife(id, lives.get(id), sentNanos);
  }

  private void evidenceOfLife(long id, Life life, long sentNanos) {
    world.trace("lease %d acknowledged, asked for at %.4f", id, sentNanos / 1e9);
    long until = sentNanos + (long) (life.ttlNanos / (1 + rho));
    if (life.endedAt >= 0) {
      if (sentNanos > life.endedAt) {
        fail(
            "S3",
            "lease %d was acknowledged for a request of %.3f, ended at %.3f",
            id,
            sentNanos / 1e9,
            life.endedAt / 1e9);
      }
      if (life.expired && !life.revokeAsked && until > life.endedAt) {
        fail(
            "S1",
            "lease %d ended at %.3f, promised until %.3f",
            id,
            life.endedAt / 1e9,
            until / 1e9);
      }
    }
    life.aliveUntil = Math.max(life.aliveUntil, until);
    checkPromiseIsOnRecord(id, life);
  }

  /** Whoever becomes leader now and goes by the record keeps the promise (rule S5). */
  private void checkPromiseIsOnRecord(long id, Life life) {
    long remaining =
        life.endMillis == 0
            ? life.ttlNanos
            : Math.max(0, life.endMillis - timeMillis) * World.MILLI;
    double recorded = world.now() + remaining / (1 + rho) + World.MILLI;
    if (life.endedAt < 0 && !life.revokeAsked && recorded < life.aliveUntil) {
      fail(
          "S5",
          "lease %d is promised until %.3f, and on record until %.3f",
          id,
          life.aliveUntil / 1e9,
          recorded / 1e9);
    }
  }

  /** A member of this term says yes to a renewal that it wrote down at {@code renewedAt}. */
  void saysYes(long id, long term, long renewedAt) {
    if (log.wasOver(term, renewedAt)) {
      fail(
          "S6",
          "lease %d was renewed at %.3f in term %d, which was over",
          id,
          renewedAt / 1e9,
          term);
    }
  }

  /** Returns for how long a lease is promised to live on, as of now. */
  long promisedNanos(long id) {
    return lives.get(id).aliveUntil - world.now();
  }

  /** A member says how much time a lease has left; neither too little nor more than the TTL. */
  void saysTimeLeft(long id, long leftMillis, long promisedNanos) {
    Life life = lives.get(id);
    double least = promisedNanos * (1 - rho) - World.MILLI;
    if (!life.revokeAsked && leftMillis * World.MILLI < least) {
      fail("P6", "lease %d has %.3f s, was told to have %d ms", id, least / 1e9, leftMillis);
    }
    if (leftMillis * World.MILLI > life.ttlNanos) {
      fail("P6", "lease %d was told to have %d ms, more than its TTL", id, leftMillis);
    }
  }

  /** Somebody who asked at {@code sentNanos} was told that these leases live, and no others. */
  void listed(LeaseTable leases, long sentNanos) {
    coverage.count("lists");
    leases.forEach(lease -> seenAlive(lease.id(), sentNanos));
    lives.forEach(
        (id, life) -> {
          if (life.grantedAt < sentNanos && leases.get(id) == null) {
            seenGone(id);
          }
        });
  }

  /** Somebody was told that the lease is alive, without promise for the future. */
  void seenAlive(long id, long sentNanos) {
    Life life = lives.get(id);
    if (life.endedAt >= 0 && sentNanos > life.endedAt) {
      fail(
          "S3",
          "lease %d was seen at %.3f, ended at %.3f",
          id,
          sentNanos / 1e9,
          life.endedAt / 1e9);
    }
  }

  void seenGone(long id) {
    Life life = lives.get(id);
    if (life.granted && life.endedAt < 0) {
      fail("S9", "lease %d was told to be gone, and nothing ended it", id);
    }
  }

  void revokeSent(long id) {
    lives.get(id).revokeAsked = true;
  }

  void revokeAcknowledged(long id) {
    Life life = lives.get(id);
    if (life.endedAt < 0) {
      fail("S9", "the revoke of lease %d was acknowledged, and the lease lives", id);
    }
  }

  // What the servers do

  void extended(long id) {
    Life life = lives.get(id);
    if (life != null) {
      extended(id, life, allowance);
    }
  }

  private void extended(long id, Life life, double allowanceThen) {
    world.trace("lease %d renewed in memory", id);
    life.lastExtended = world.now();
    life.allowanceThen = allowanceThen;
  }

  /** A renewal has come that cannot be answered from memory. */
  void goesThroughLog(long id) {
    lives.get(id).allowanceAtReceipt = allowance;
  }

  void applied(SimMember member, SimLog.Entry entry, Outcome outcome, long hash) {
    world.trace("%s applies %d of term %d: %s", member.name, entry.index, entry.term, outcome);
    boolean effective =
        outcome instanceof Outcome.Checkpointed || outcome instanceof Outcome.Revoked;
    if (effective && entry.proposerTerm != 0 && entry.proposerTerm != entry.term) {
      fail(
          "S4",
          "entry %d of term %d was decided in term %d",
          entry.index,
          entry.term,
          entry.proposerTerm);
    }
    if (outcome instanceof Outcome.Granted granted) {
      granted(granted.leaseId());
    } else if (outcome instanceof Outcome.Revoked
        && entry.command instanceof Command.Revoke revoke) {
      ended(revoke);
    } else if (outcome instanceof Outcome.Checkpointed
        && entry.command instanceof Command.Checkpoint checkpoint
        && entry.outcome == null) {
      checkpointed(checkpoint);
    } else if (outcome instanceof Outcome.Fenced) {
      coverage.count("fenced entries");
    }
    entry.outcome = outcome;
    checkHash(member, entry.index, hash);
  }

  /** A clearing that is committed renews the lease, whether or not anybody is told so. */
  private void checkpointed(Command.Checkpoint checkpoint) {
    if (checkpoint.timeMillis() > timeMillis) {
      timeMillis = checkpoint.timeMillis();
      coverage.count(
          checkpoint.leaseIds().size() == 0 ? "lease time by itself" : "lease time with others");
      lives.forEach(this::checkPromiseIsOnRecord);
    }
    long from = checkpoint.timeMillis() == 0 ? timeMillis : checkpoint.timeMillis();
    for (int i = 0; i < checkpoint.leaseIds().size(); i++) {
      long id = checkpoint.leaseIds().get(i);
      Life life = lives.get(id);
      long remaining = checkpoint.remainingMillis().get(i);
      life.endMillis = remaining == 0 ? 0 : from + Math.min(remaining, life.ttlNanos / World.MILLI);
      if (remaining == 0) {
        // For the leader it is as old as its receipt, so a pause since then holds the end back.
        extended(id, life, life.allowanceAtReceipt);
      } else {
        checkPromiseIsOnRecord(id, life);
      }
    }
  }

  private void granted(long id) {
    Life life = lives.get(id);
    if (life.endedAt < 0 && life.lastExtended == 0) {
      extended(id);
    }
  }

  private void ended(Command.Revoke revoke) {
    LeaseIds ids = revoke.leaseIds();
    boolean expired = SimLog.isExpiry(revoke);
    for (int i = 0; i < ids.size(); i++) {
      Life life = lives.get(ids.get(i));
      if (life == null || life.endedAt >= 0) {
        continue;
      }
      life.endedAt = world.now();
      life.expired = expired;
      coverage.count(expired ? "expired leases" : "revoked leases");
      if (expired && !life.revokeAsked) {
        if (world.now() < life.aliveUntil) {
          fail("S1", "lease %d ends, promised until %.3f", ids.get(i), life.aliveUntil / 1e9);
        }
        checkLate(ids.get(i), life);
      }
    }
  }

  private void checkLate(long id, Life life) {
    double outage = unhealthySince < 0 ? 0 : 2.0 * (world.now() - unhealthySince);
    double bound =
        life.lastExtended
            + life.ttlNanos / (1 - rho)
            + (allowance - life.allowanceThen)
            + outage
            + SLACK;
    if (world.now() > bound) {
      fail(
          "S2",
          "lease %d lives at %.3f, renewed last at %.3f, bound %.3f",
          id,
          world.now() / 1e9,
          life.lastExtended / 1e9,
          bound / 1e9);
    }
  }

  void checkHash(SimMember member, long index, long hash) {
    Long known = hashes.putIfAbsent(index, hash);
    if (known != null && known != hash) {
      fail("S10", "%s differs from the others at index %d", member.name, index);
    }
  }

  /** A renewal has arrived at a paused member. */
  void waits(SimMember member, long id) {
    waiting.computeIfAbsent(member, m -> new HashSet<>()).add(id);
    coverage.count("renewals that waited for a paused member");
  }

  void served(SimMember member, long id) {
    Set<Long> ids = waiting.get(member);
    if (ids != null) {
      ids.remove(id);
    }
  }

  void proposed(SimMember member, Command command) {
    world.trace("%s proposes %s", member.name, command);
    if (!SimLog.isExpiry(command)) {
      return;
    }
    Set<Long> before = decided.computeIfAbsent(member, m -> new HashSet<>());
    Set<Long> ids = waiting.getOrDefault(member, Set.of());
    LeaseIds leaseIds = ((Command.Revoke) command).leaseIds();
    for (int i = 0; i < leaseIds.size(); i++) {
      if (before.add(leaseIds.get(i)) && ids.contains(leaseIds.get(i))) {
        fail(
            "S8",
            "%s ends lease %d whose renewal waits in its sockets",
            member.name,
            leaseIds.get(i));
      }
    }
  }

  void pauseOver(SimMember member) {
    waiting.remove(member);
  }

  // Health, for the bound on lateness

  void unhealthy() {
    if (unhealthySince < 0) {
      unhealthySince = world.now();
    }
  }

  void healthy() {
    if (unhealthySince >= 0) {
      // Once for the time lost, once for the time that expiry is held back after it.
      allowance += 2.0 * (world.now() - unhealthySince);
      unhealthySince = -1;
    }
  }

  void promoted(LeaseStateMachine machine) {
    healthy();
    // No interval is kept that is shorter than an election timeout: so long lease time stands
    // still.
    long electionNanos = config.electionTimeoutNanos();
    allowance += Math.max(config.checkpointIntervalNanos(), electionNanos) + electionNanos;
    coverage.count("promotions");
    machine
        .leases()
        .forEach(
            lease -> {
              if (lease.endMillis() != 0) {
                coverage.count("checkpointed leases at promotion");
              }
            });
  }

  /** At the end nothing may live past its bound. */
  void checkNothingLivesOn() {
    lives.forEach(
        (id, life) -> {
          if (life.granted && life.endedAt < 0) {
            checkLate(id, life);
          }
        });
  }

  LessorObserver observer() {
    return SimMember.counting(
        () -> coverage.count("expiries fenced off"),
        () -> coverage.count("stalls noticed"),
        () -> coverage.count("checkpoints taken"));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
  private static void fail(String rule, String format, Object... args) {
    throw new SimulationFailure(rule, String.format(java.util.Locale.ROOT, format, args));
  }
}
