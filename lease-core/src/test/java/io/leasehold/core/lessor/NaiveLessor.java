package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lessor.LessorBench.Proposal;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a lessor must do, said in the simplest way: a map of leases that is gone through from end to
 * end, no heap, no marks in one word. Judges what the real lessor proposes and answers.
 */
final class NaiveLessor {
  /** A lease as the log and the clients know it. */
  static final class Lease {
    final long ttlNanos;
    long deadline;

    /** In lease time; 0 for none. */
    long endMillis;

    boolean checkpointed;
    boolean expiring;
    boolean inDoubt;
    int revokes;

    Lease(long ttlNanos, long deadline) {
      this.ttlNanos = ttlNanos;
      this.deadline = deadline;
    }

    boolean isEnding() {
      return expiring || inDoubt || revokes > 0;
    }

    /** When it has to be on record how much is left, which needs to be said but once. */
    long checkpointDue(long intervalNanos) {
      return endMillis != 0 ? deadline : deadline - ttlNanos + Math.min(intervalNanos, ttlNanos);
    }
  }

  static final long MILLI = 1_000_000;

  final Map<Long, Lease> leases = new TreeMap<>();

  /** How far lease time has come as the log knows it. */
  long timeMillis;

  private long timeAtPromotionMillis;
  private long timeGoesOnAt;

  /** How far lease time has come in truth, but for the milliseconds begun at each promotion. */
  long trueTimeMillis(long now) {
    return timeAtPromotionMillis + Math.max(0, now - timeGoesOnAt) / MILLI;
  }

  boolean isAnyOnRecord() {
    return leases.values().stream().anyMatch(lease -> lease.endMillis != 0);
  }

  /** What {@link Lessor#renew} has to answer. */
  long answer(long id) {
    Lease lease = leases.get(id);
    if (lease == null) {
      return Renewal.NOT_FOUND;
    }
    return lease.isEnding() || lease.checkpointed ? Renewal.SLOW : lease.ttlNanos / MILLI;
  }

  void extend(long id, long fromNanos) {
    Lease lease = leases.get(id);
    if (lease != null && !lease.isEnding()) {
      long until = rounded(fromNanos + lease.ttlNanos);
      lease.deadline = until - lease.deadline > 0 ? until : lease.deadline;
    }
  }

  /** The lessor proposed something. */
  void proposed(Command command, long now) {
    if (command instanceof Command.Revoke revoke) {
      for (int i = 0; i < revoke.leaseIds().size(); i++) {
        Lease lease = leases.get(revoke.leaseIds().get(i));
        if (revoke.cause() == RevokeCause.REQUESTED) {
          if (lease != null) {
            lease.revokes++;
          }
        } else if (lease != null) {
          assertThat(lease.isEnding() || lease.deadline - now <= 0).as("never early").isTrue();
          lease.expiring = true;
        }
      }
    } else if (command instanceof Command.Checkpoint checkpoint) {
      assertThat(checkpoint.timeMillis()).as("lease time").isIn(0L, trueTimeMillis(now));
      for (int i = 0; i < checkpoint.leaseIds().size(); i++) {
        Lease lease = leases.get(checkpoint.leaseIds().get(i));
        long left = checkpoint.remainingMillis().get(i) * MILLI;
        if (lease != null && left > 0) {
          assertThat(left - (lease.deadline - now)).as("rounded up").isBetween(0L, 2 * MILLI);
          lease.checkpointed = true;
        }
      }
    }
  }

  /** A command of the lessor's took effect. */
  void applied(Command command) {
    if (command instanceof Command.Revoke revoke) {
      for (int i = 0; i < revoke.leaseIds().size(); i++) {
        leases.remove(revoke.leaseIds().get(i));
      }
    } else if (command instanceof Command.Checkpoint checkpoint) {
      timeMillis = Math.max(timeMillis, checkpoint.timeMillis());
      for (int i = 0; i < checkpoint.leaseIds().size(); i++) {
        Lease lease = leases.get(checkpoint.leaseIds().get(i));
        long left = checkpoint.remainingMillis().get(i);
        if (lease != null) {
          lease.endMillis =
              left == 0 ? 0 : checkpoint.timeMillis() + Math.min(left, lease.ttlNanos / MILLI);
        }
      }
    }
  }

  /** The lessor learned that a requested revoke was refused, or that nobody knows. */
  void notRevoked(long id, boolean inDoubt) {
    Lease lease = leases.get(id);
    if (lease != null) {
      lease.revokes -= lease.revokes > 0 ? 1 : 0;
      lease.inDoubt |= inDoubt;
    }
  }

  /** The lessor learned that a clearing of these took effect, with no other under way. */
  void cleared(long id) {
    Lease lease = leases.get(id);
    if (lease != null) {
      lease.checkpointed = false;
    }
  }

  /** Another lessor goes by the record. */
  void promoted(long now, long graceNanos) {
    timeAtPromotionMillis = timeMillis;
    timeGoesOnAt = now + graceNanos;
    for (Lease lease : leases.values()) {
      long remaining =
          lease.endMillis == 0 ? lease.ttlNanos : Math.max(0, lease.endMillis - timeMillis) * MILLI;
      lease.deadline = rounded(now + remaining + graceNanos);
      lease.checkpointed = lease.endMillis != 0;
      lease.expiring = false;
      lease.inDoubt = false;
      lease.revokes = 0;
    }
  }

  static boolean clears(Proposal proposal, long id) {
    if (proposal.command() instanceof Command.Checkpoint checkpoint) {
      for (int i = 0; i < checkpoint.leaseIds().size(); i++) {
        if (checkpoint.leaseIds().get(i) == id && checkpoint.remainingMillis().get(i) == 0) {
          return true;
        }
      }
    }
    return false;
  }

  static long rounded(long nanos) {
    return nanos + 7 & ~7L;
  }
}
