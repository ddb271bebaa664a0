package io.leasehold.core.command;

import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.key.TxnResult;

/**
 * What applying a command answered: the same on every member. Refusals are outcomes too, not
 * exceptions.
 */
public sealed interface Outcome {

  /** The lease exists now, with this TTL. */
  record Granted(long leaseId, long ttlMillis) implements Outcome {}

  /** A grant named an ID that a live lease holds; that lease is untouched. */
  record LeaseExists(long leaseId) implements Outcome {}

  /**
   * The leases are gone.
   *
   * @param count how many of the named leases were alive; 0 when none was
   * @param revision revision of the key space after the command
   */
  record Revoked(int count, long revision) implements Outcome {}

  /** Remaining times were recorded or cleared for {@code count} live leases. */
  record Checkpointed(int count) implements Outcome {}

  /** A fenced command arrived in an entry of another term and did nothing (rule S4). */
  record Fenced(long fenceTerm, long entryTerm) implements Outcome {}

  /** The member's identity is on record. */
  record MemberRegistered(String name) implements Outcome {}

  /** Another identity is on record under that name; nothing was changed. */
  record MemberConflict(String name, String knownIdentity) implements Outcome {}

  /**
   * The transaction took effect.
   *
   * @param revision revision of the key space after it; the transaction's own when it changed keys
   */
  record Transacted(long revision, TxnResult result) implements Outcome {}

  /** History before {@code compactedRevision} is gone. */
  record Compacted(long compactedRevision, long revision) implements Outcome {}

  /**
   * A command was refused for what the key space or an alarm says; nothing of it took effect.
   *
   * @param revision revision of the key space
   */
  record KeysRefused(KeyRefusal why, long revision) implements Outcome {}

  /** The alarm is as the command asked. */
  record AlarmSet(boolean changed) implements Outcome {}
}
