package io.leasehold.core.state;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Applies committed commands: the one place where replicated state changes, on leader, follower and
 * recovery alike.
 *
 * <p>Owns the table of live leases and the register of members, and writes both through to the
 * {@link StateStore}. Confined to the apply thread. Reads no clock: what an instant means is the
 * listener's business (rule S10). Every command that the log can carry has an outcome; an exception
 * means that the storage failed or that there is a bug, and the member must stop.
 */
public final class LeaseStateMachine {
  /** The revision of a key space to which nothing was ever written, as in etcd. */
  private static final long FIRST_REVISION = 1;

  private final LeaseTable leases = new LeaseTable();
  private final TreeMap<String, MemberRecord> members = new TreeMap<>();
  private final StateStore store;
  private final LeaseListener listener;
  private long stateHash;

  public LeaseStateMachine(StateStore store, LeaseListener listener) {
    this.store = store;
    this.listener = listener;
  }

  /** Reads the state anew from the store, after it was opened or replaced by a snapshot. */
  public void reload() {
    leases.forEach(Lease::markGone);
    leases.clear();
    members.clear();
    stateHash = 0;
    store.forEachLease(
        (leaseId, ttlMillis, remainingMillis) -> {
          Lease lease = new Lease(leaseId, ttlMillis, remainingMillis);
          leases.put(lease);
          stateHash += hashOf(lease);
        });
    store.forEachMember(
        member -> {
          members.put(member.name(), member);
          stateHash += hashOf(member);
        });
  }

  /**
   * Applies one command.
   *
   * @param entryTerm term of the log entry that carried it
   */
  public Outcome apply(long entryTerm, Command command) {
    if (command instanceof Command.Grant grant) {
      return grant(grant);
    } else if (command instanceof Command.Revoke revoke) {
      return revoke(entryTerm, revoke);
    } else if (command instanceof Command.Checkpoint checkpoint) {
      return checkpoint(entryTerm, checkpoint);
    } else if (command instanceof Command.RegisterMember register) {
      return register(register);
    }
    throw new IllegalStateException("no rule for " + command);
  }

  /** Returns the live leases; other threads may look leases up in it. */
  public LeaseTable leases() {
    return leases;
  }

  /** Returns the revision of the key space. */
  public long revision() {
    return FIRST_REVISION;
  }

  /**
   * Returns a hash of the whole replicated state: equal on two members at the same applied index.
   */
  public long stateHash() {
    return stateHash;
  }

  public @Nullable MemberRecord member(String name) {
    return members.get(name);
  }

  /** Returns what is known of the members, in order of names. */
  public List<MemberRecord> members() {
    return List.copyOf(members.values());
  }

  private Outcome grant(Command.Grant grant) {
    if (leases.get(grant.leaseId()) != null) {
      return new Outcome.LeaseExists(grant.leaseId());
    }
    Lease lease = new Lease(grant.leaseId(), grant.ttlMillis(), 0);
    store.putLease(lease.id(), lease.ttlMillis(), 0);
    stateHash += hashOf(lease);
    // In the table first: whoever looks for it there and does not find it can rely on the listener
    // being told later (see RequestedRevokes). Until then the lease has no deadline.
    leases.put(lease);
    listener.granted(lease);
    return new Outcome.Granted(lease.id(), lease.ttlMillis());
  }

  private Outcome revoke(long entryTerm, Command.Revoke revoke) {
    if (isFencedOff(revoke.fenceTerm(), entryTerm)) {
      return new Outcome.Fenced(revoke.fenceTerm(), entryTerm);
    }
    LeaseIds ids = revoke.leaseIds();
    List<Lease> ended = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Lease lease = leases.remove(ids.get(i));
      if (lease != null) {
        stateHash -= hashOf(lease);
        store.deleteLease(lease.id());
        lease.markGone();
        ended.add(lease);
      }
    }
    if (!ended.isEmpty()) {
      listener.revoked(ended);
    }
    return new Outcome.Revoked(ended.size(), revision());
  }

  private Outcome checkpoint(long entryTerm, Command.Checkpoint checkpoint) {
    if (isFencedOff(checkpoint.fenceTerm(), entryTerm)) {
      return new Outcome.Fenced(checkpoint.fenceTerm(), entryTerm);
    }
    LeaseIds ids = checkpoint.leaseIds();
    List<Lease> changed = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Lease lease = leases.get(ids.get(i));
      if (lease != null) {
        stateHash -= hashOf(lease);
        lease.recordRemaining(Math.min(checkpoint.remainingMillis().get(i), lease.ttlMillis()));
        stateHash += hashOf(lease);
        store.putLease(lease.id(), lease.ttlMillis(), lease.remainingMillis());
        changed.add(lease);
      }
    }
    if (!changed.isEmpty()) {
      listener.checkpointed(changed);
    }
    return new Outcome.Checkpointed(changed.size());
  }

  private Outcome register(Command.RegisterMember register) {
    MemberRecord known = members.get(register.name());
    if (known != null && !known.identity().equals(register.identity()) && !register.replace()) {
      return new Outcome.MemberConflict(register.name(), known.identity());
    }
    MemberRecord member =
        new MemberRecord(register.name(), register.identity(), register.clientUrls());
    if (known != null) {
      stateHash -= hashOf(known);
    }
    stateHash += hashOf(member);
    members.put(member.name(), member);
    store.putMember(member);
    return new Outcome.MemberRegistered(member.name());
  }

  private static boolean isFencedOff(long fenceTerm, long entryTerm) {
    return fenceTerm != Command.NOT_FENCED && fenceTerm != entryTerm;
  }

  /* The state hash is a sum over all records, so that it is kept up to date at the cost of the change alone. */

  private static long hashOf(Lease lease) {
    long h = spread(lease.id());
    h = spread(h ^ lease.ttlMillis());
    return spread(h ^ lease.remainingMillis());
  }

  private static long hashOf(MemberRecord member) {
    return spread(
        Objects.hash(member.name(), member.identity(), member.clientUrls()) ^ 0x6d656d62L);
  }

  private static long spread(long z) {
    z = (z + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    return z ^ (z >>> 32);
  }
}
