package io.leasehold.core.state;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.key.KeySpace;
import io.leasehold.core.key.KeyStore;
import io.leasehold.core.key.TxnAnswer;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Applies committed commands: the one place where replicated state changes, on leader, follower and
 * recovery alike.
 *
 * <p>Owns the table of live leases, the register of members and the alarms, and writes them through
 * to the {@link StateStore}; keys are the {@link KeySpace}'s. Confined to the apply thread. Reads
 * no clock: what an instant means is the listener's business (rule S10). Every command that the log
 * can carry has an outcome; an exception means that the storage failed or that there is a bug, and
 * the member must stop.
 */
public final class LeaseStateMachine {
  private final LeaseTable leases = new LeaseTable();
  private final TreeMap<String, MemberRecord> members = new TreeMap<>();
  private final TreeSet<AlarmRecord> alarms = new TreeSet<>();
  private final StateStore store;
  private final KeyStore keyStore;
  private final LeaseListener listener;
  private final KeySpace keys;

  /** Hash of everything but the keys: the sum over all records, so that a change costs no more. */
  private long hash;

  /**
   * @param keyStore takes effect together with {@code store}
   */
  public LeaseStateMachine(
      StateStore store, KeyStore keyStore, LeaseListener listener, KeyListener keyListener) {
    this(store, keyStore, listener, keyListener, KeySpace.DELETED_ONE_BY_ONE_MAX);
  }

  /**
   * As the other constructor, for tests of what becomes of leases with many keys.
   *
   * @param deletedOneByOneMax see {@link KeySpace#DELETED_ONE_BY_ONE_MAX}
   */
  public LeaseStateMachine(
      StateStore store,
      KeyStore keyStore,
      LeaseListener listener,
      KeyListener keyListener,
      int deletedOneByOneMax) {
    this.store = store;
    this.keyStore = keyStore;
    this.listener = listener;
    this.keys =
        new KeySpace(
            keyStore,
            leaseId -> leases.get(leaseId) != null,
            this::noteKeys,
            keyListener,
            deletedOneByOneMax);
  }

  /** Reads the state anew from the store, after it was opened or replaced by a snapshot. */
  public void reload() {
    leases.forEach(Lease::markGone);
    leases.clear();
    members.clear();
    alarms.clear();
    leases.timeReaches(store.leaseTimeMillis());
    hash = RecordHash.ofTime(leases.timeMillis());
    store.forEachLease(
        (leaseId, ttlMillis, endMillis) -> {
          Lease lease = new Lease(leaseId, ttlMillis, endMillis);
          leases.put(lease);
          hash += RecordHash.of(lease);
        });
    keyStore.forEachLeaseWithKeys(this::noteKeys);
    store.forEachMember(
        member -> {
          members.put(member.name(), member);
          hash += RecordHash.of(member);
        });
    store.forEachAlarm(
        alarm -> {
          alarms.add(alarm);
          hash += RecordHash.of(alarm);
        });
  }

  private void noteKeys(long leaseId) {
    Lease lease = leases.get(leaseId);
    if (lease != null) {
      lease.noteKeys();
    }
  }

  /**
   * Applies the commands of one log entry, in order.
   *
   * @param entryTerm term of the entry
   * @return what became of each
   */
  public List<Outcome> apply(long entryTerm, List<Command> commands) {
    keys.entryBegins();
    List<Outcome> outcomes = new ArrayList<>(commands.size());
    for (Command command : commands) {
      outcomes.add(applyNext(entryTerm, command));
    }
    return outcomes;
  }

  /** Applies an entry with one command, as {@link #apply(long, List)}. */
  public Outcome apply(long entryTerm, Command command) {
    return apply(entryTerm, List.of(command)).get(0);
  }

  /** Returns the bytes that the keys of the last entry took in memory, roughly. */
  public long bytesTaken() {
    return keys.bytesTaken();
  }

  private Outcome applyNext(long entryTerm, Command command) {
    if (command instanceof Command.Grant grant) {
      return grant(grant);
    } else if (command instanceof Command.Revoke revoke) {
      return revoke(entryTerm, revoke);
    } else if (command instanceof Command.Checkpoint checkpoint) {
      return checkpoint(entryTerm, checkpoint);
    } else if (command instanceof Command.RegisterMember register) {
      return register(register);
    } else if (command instanceof Command.Transact transact) {
      return transact(transact);
    } else if (command instanceof Command.Compact compact) {
      return compact(compact);
    } else if (command instanceof Command.SetAlarm setAlarm) {
      return setAlarm(setAlarm);
    }
    throw new IllegalStateException("no rule for " + command);
  }

  /** Returns the live leases; other threads may look leases up in it. */
  public LeaseTable leases() {
    return leases;
  }

  /** Returns the revision of the key space. */
  public long revision() {
    return keys.revision();
  }

  /**
   * Returns a hash of the whole replicated state: equal on two members at the same applied index.
   */
  public long stateHash() {
    return hash + keys.hash();
  }

  public @Nullable MemberRecord member(String name) {
    return members.get(name);
  }

  /** Returns what is known of the members, in order of names. */
  public List<MemberRecord> members() {
    return List.copyOf(members.values());
  }

  /** Returns the alarms that nobody has ended, in order of alarms and then of members. */
  public List<AlarmRecord> alarms() {
    return List.copyOf(alarms);
  }

  private Outcome grant(Command.Grant grant) {
    KeyRefusal why = refusal(true);
    if (why != null) {
      return refused(why);
    }
    if (leases.get(grant.leaseId()) != null) {
      return new Outcome.LeaseExists(grant.leaseId());
    }
    Lease lease = new Lease(grant.leaseId(), grant.ttlMillis(), 0);
    store.putLease(lease.id(), lease.ttlMillis(), 0);
    hash += RecordHash.of(lease);
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
    // What expires ends all the same: its keys are somebody's locks.
    KeyRefusal why = revoke.cause() == RevokeCause.EXPIRED ? null : refusal(false);
    if (why != null) {
      return refused(why);
    }
    LeaseIds ids = revoke.leaseIds();
    List<Lease> ended = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Lease lease = leases.remove(ids.get(i));
      if (lease != null) {
        hash -= RecordHash.of(lease);
        store.deleteLease(lease.id());
        if (lease.mayHaveKeys()) {
          keys.leaseEnded(lease.id()); // looks for them on disk, which most leases can be spared
        }
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
    timeReaches(checkpoint.timeMillis());
    // What a leader computed is left at the moment that it names, which may be long ago by now.
    long timeMillis = checkpoint.timeMillis() == 0 ? leases.timeMillis() : checkpoint.timeMillis();
    LeaseIds ids = checkpoint.leaseIds();
    List<Lease> changed = new ArrayList<>(ids.size());
    for (int i = 0; i < ids.size(); i++) {
      Lease lease = leases.get(ids.get(i));
      if (lease != null) {
        hash -= RecordHash.of(lease);
        long remaining = Math.min(checkpoint.remainingMillis().get(i), lease.ttlMillis());
        leases.recordEnd(lease, remaining == 0 ? 0 : timeMillis + remaining);
        hash += RecordHash.of(lease);
        store.putLease(lease.id(), lease.ttlMillis(), lease.endMillis());
        changed.add(lease);
      }
    }
    if (!changed.isEmpty()) {
      listener.checkpointed(changed);
    }
    return new Outcome.Checkpointed(changed.size());
  }

  private void timeReaches(long timeMillis) {
    if (timeMillis > leases.timeMillis()) {
      hash -= RecordHash.ofTime(leases.timeMillis());
      leases.timeReaches(timeMillis);
      hash += RecordHash.ofTime(timeMillis);
      store.putLeaseTime(timeMillis);
    }
  }

  private Outcome register(Command.RegisterMember register) {
    MemberRecord known = members.get(register.name());
    if (known != null && !known.identity().equals(register.identity()) && !register.replace()) {
      return new Outcome.MemberConflict(register.name(), known.identity());
    }
    MemberRecord member =
        new MemberRecord(register.name(), register.identity(), register.clientUrls());
    if (known != null) {
      hash -= RecordHash.of(known);
    }
    hash += RecordHash.of(member);
    members.put(member.name(), member);
    store.putMember(member);
    return new Outcome.MemberRegistered(member.name());
  }

  private Outcome transact(Command.Transact transact) {
    KeyRefusal why = refusal(transact.txn().hasPut());
    if (why != null) {
      return refused(why);
    }
    TxnAnswer answer = keys.transact(transact.txn());
    if (answer instanceof TxnAnswer.Refused refused) {
      return refused(refused.why());
    }
    return new Outcome.Transacted(keys.revision(), ((TxnAnswer.Ran) answer).result());
  }

  private Outcome compact(Command.Compact compact) {
    KeyRefusal why = refusal(false);
    if (why == null) {
      why = keys.compact(compact.revision());
    }
    return why == null ? new Outcome.Compacted(compact.revision(), keys.revision()) : refused(why);
  }

  private Outcome setAlarm(Command.SetAlarm set) {
    boolean changed = false;
    if (set.raised()) {
      changed = raise(new AlarmRecord(set.memberId(), set.alarm()));
    } else if (set.memberId() != 0) {
      changed = end(new AlarmRecord(set.memberId(), set.alarm()));
    } else {
      for (AlarmRecord alarm : alarms()) {
        changed |= alarm.alarm() == set.alarm() && end(alarm);
      }
    }
    return new Outcome.AlarmSet(changed);
  }

  private boolean raise(AlarmRecord alarm) {
    if (!alarms.add(alarm)) {
      return false;
    }
    hash += RecordHash.of(alarm);
    store.putAlarm(alarm);
    return true;
  }

  private boolean end(AlarmRecord alarm) {
    if (!alarms.remove(alarm)) {
      return false;
    }
    hash -= RecordHash.of(alarm);
    store.deleteAlarm(alarm);
    return true;
  }

  /**
   * Tells which alarm stands against what a client asks for.
   *
   * @param addsToState whether it may make the state larger
   */
  private @Nullable KeyRefusal refusal(boolean addsToState) {
    if (isRaised(Alarm.CORRUPT)) {
      return KeyRefusal.CORRUPT;
    }
    return addsToState && isRaised(Alarm.NO_SPACE) ? KeyRefusal.NO_SPACE : null;
  }

  private boolean isRaised(Alarm alarm) {
    AlarmRecord first = alarms.ceiling(new AlarmRecord(Long.MIN_VALUE, alarm));
    return first != null && first.alarm() == alarm;
  }

  private Outcome refused(KeyRefusal why) {
    return new Outcome.KeysRefused(why, keys.revision());
  }

  private static boolean isFencedOff(long fenceTerm, long entryTerm) {
    return fenceTerm != Command.NOT_FENCED && fenceTerm != entryTerm;
  }
}
