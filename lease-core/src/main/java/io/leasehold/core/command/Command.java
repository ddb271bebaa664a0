package io.leasehold.core.command;

import io.leasehold.core.key.Txn;
import java.util.List;

/**
 * An order to the state machine, carried by the replicated log.
 *
 * <p>Everything that applying a command depends on is in the command or in the replicated state; no
 * command carries an instant, only durations.
 */
public sealed interface Command {

  /** The term of proposers whose commands hold in any term. */
  long NOT_FENCED = 0;

  /** Longest time to live: 9 000 000 000 s, as in etcd. */
  long TTL_MAX_MILLIS = 9_000_000_000L * 1000;

  /** How far lease time can come, with room for a lease that begins then: 270 years. */
  long TIME_MAX_MILLIS = 8_500_000_000L * 1000;

  /**
   * The longest list of IDs that one command may carry: applying it must stay far below a
   * heartbeat.
   */
  int IDS_MAX = 4096;

  /**
   * Creates a lease.
   *
   * @param leaseId any value but 0; chosen before proposing
   * @param ttlMillis effective time to live in milliseconds, after minimum and maximum were
   *     enforced
   */
  record Grant(long leaseId, long ttlMillis) implements Command {
    public Grant {
      if (leaseId == 0) {
        throw new IllegalArgumentException("lease ID 0 means no lease");
      }
      if (ttlMillis <= 0 || ttlMillis > TTL_MAX_MILLIS) {
        throw new IllegalArgumentException("ttlMillis out of range: " + ttlMillis);
      }
    }
  }

  /**
   * Ends leases. IDs that name no lease are passed over, so that repeating a revoke is harmless.
   *
   * @param leaseIds at least one and at most {@link #IDS_MAX}
   * @param cause who asked
   * @param fenceTerm takes effect only in an entry of this term; {@link #NOT_FENCED} holds in any
   */
  record Revoke(LeaseIds leaseIds, RevokeCause cause, long fenceTerm) implements Command {
    public Revoke {
      if (leaseIds.size() == 0) {
        throw new IllegalArgumentException("a revoke ends something");
      }
      if (cause == RevokeCause.EXPIRED && fenceTerm == NOT_FENCED) {
        throw new IllegalArgumentException(
            "a revoke by expiry must carry the term that decided it");
      }
    }
  }

  /**
   * Records how far lease time has come, and how much time leases have left at that moment; a
   * remaining time of 0 clears the record, so that the full TTL counts again. What was recorded of
   * a lease before goes on to shrink as lease time goes on, without being repeated.
   *
   * @param leaseIds at most {@link #IDS_MAX}; none when only lease time is to be recorded
   * @param remainingMillis one value for each ID, in the same order
   * @param timeMillis for how long leaders have kept leases, in sum; 0 stands for what is on record
   * @param fenceTerm takes effect only in an entry of this term
   */
  record Checkpoint(LeaseIds leaseIds, Millis remainingMillis, long timeMillis, long fenceTerm)
      implements Command {
    public Checkpoint {
      if (leaseIds.size() == 0 && timeMillis == 0) {
        throw new IllegalArgumentException("a checkpoint records something");
      }
      if (timeMillis < 0 || timeMillis > TIME_MAX_MILLIS) {
        throw new IllegalArgumentException("lease time out of range: " + timeMillis);
      }
      if (leaseIds.size() != remainingMillis.size()) {
        throw new IllegalArgumentException(
            leaseIds.size() + " IDs with " + remainingMillis.size() + " remaining times");
      }
      if (fenceTerm == NOT_FENCED) {
        throw new IllegalArgumentException("a checkpoint must carry the term that computed it");
      }
    }
  }

  /**
   * Binds a member's name to the identity of its data directory and publishes the addresses of its
   * clients' side.
   *
   * @param name the member's name
   * @param identity random, made when the data directory was; tells a member from an impostor with
   *     its name
   * @param clientUrls where clients reach it
   * @param replace true when the operator said that the former identity is gone for good
   */
  record RegisterMember(String name, String identity, List<String> clientUrls, boolean replace)
      implements Command {
    public RegisterMember {
      clientUrls = List.copyOf(clientUrls);
      if (name.isEmpty() || identity.isEmpty()) {
        throw new IllegalArgumentException("a member has a name and an identity");
      }
    }
  }

  /** Reads and changes keys in one step. */
  record Transact(Txn txn) implements Command {}

  /**
   * Lets go of the history of keys before a revision.
   *
   * @param revision above the last compaction and not above the newest revision, or it is refused
   */
  record Compact(long revision) implements Command {}

  /**
   * Raises or ends an alarm of a member.
   *
   * @param memberId the member; 0 ends the alarm of all members
   */
  record SetAlarm(long memberId, Alarm alarm, boolean raised) implements Command {
    public SetAlarm {
      if (raised && memberId == 0) {
        throw new IllegalArgumentException("an alarm is raised by a member");
      }
    }
  }
}
