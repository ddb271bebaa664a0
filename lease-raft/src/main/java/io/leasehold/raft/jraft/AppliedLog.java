package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.StateMachineAdapter;
import com.alipay.sofa.jraft.entity.LeaderChangeContext;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.error.RaftError;
import com.alipay.sofa.jraft.error.RaftException;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.FatalErrorHandler;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.ReplicaObserver;
import io.leasehold.raft.codec.CorruptEntryException;
import io.leasehold.raft.codec.EntryCodec;
import io.leasehold.raft.storage.RocksStateStore;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of the log: applies committed entries to the state machine and the store, commits them
 * together with the applied index, and only then lets their proposers know.
 *
 * <p>Called by JRaft's one apply thread. An entry that cannot be read or applied stops the member:
 * passing over it would make it differ from the others. Entries that are in the store already,
 * after a restart or in a snapshot ahead of its index, are passed over.
 */
final class AppliedLog extends StateMachineAdapter {
  /** Entries in one write to the store: bounds its batch when a long log is applied at once. */
  private static final int ENTRIES_PER_COMMIT_MAX = 256;

  /**
   * Bytes of the entries in one write and of what applying them made, unless a single one has more:
   * the batch is in memory, and so are the answers.
   */
  private static final long BYTES_PER_COMMIT_MAX = 8 << 20;

  /** What one moment of the applied state looks like to other threads. */
  record Applied(
      long index,
      long term,
      long stateHash,
      long revision,
      List<MemberRecord> members,
      List<AlarmRecord> alarms) {}

  /** Hears what happens to this member's role and to its log. On the apply thread. */
  interface Roles {
    /** Entries up to this one, of this term, are committed, and maybe more. */
    void entriesCommitted(long index, long term);

    /** Entries up to this one, of this term, are applied, and their proposers know. */
    void entriesApplied(long index, long term);

    void leaderStarted(long term);

    void leaderStopped(String why);

    void following(long term, PeerAddress leader);

    void leaderLost(long term);

    void configured(List<PeerAddress> voters);
  }

  private record Done(EntryAppender.Appended closure, long index, List<Outcome> outcomes) {}

  private static final Logger LOG = LoggerFactory.getLogger(AppliedLog.class);

  /** From here on a batch is worth a line: everybody who writes has waited for it. */
  private static final long SLOW_NANOS = 200_000_000;

  private final NanoClock clock;
  private final LeaseStateMachine machine;
  private final RocksStateStore store;
  private final CommittedKeyChanges keyChanges;
  private final Snapshots snapshots;
  private final CommitHorizon horizon;
  private final AppliedWaiters waiters;
  private final Roles roles;
  private final ReplicaObserver observer;
  private final FatalErrorHandler fatal;
  private volatile Applied applied;

  /**
   * @param keyChanges what the machine tells of changed keys
   * @param horizon moved before readers of the store can see what was applied
   */
  AppliedLog(
      NanoClock clock,
      LeaseStateMachine machine,
      RocksStateStore store,
      CommittedKeyChanges keyChanges,
      Snapshots snapshots,
      CommitHorizon horizon,
      AppliedWaiters waiters,
      Roles roles,
      ReplicaObserver observer,
      FatalErrorHandler fatal) {
    this.clock = clock;
    this.machine = machine;
    this.store = store;
    this.keyChanges = keyChanges;
    this.snapshots = snapshots;
    this.horizon = horizon;
    this.waiters = waiters;
    this.roles = roles;
    this.observer = observer;
    this.fatal = fatal;
    machine.reload();
    this.applied = view();
    horizon.reaches(store.appliedIndex());
  }

  /** Returns the last applied state. Any thread. */
  Applied applied() {
    return applied;
  }

  @Override
  public void onApply(Iterator iterator) {
    long index = 0;
    try {
      if (iterator.hasNext()) {
        roles.entriesCommitted(iterator.getIndex(), iterator.getTerm());
      }
      while (iterator.hasNext()) {
        List<Done> done = new ArrayList<>();
        long term = 0;
        index = 0;
        long bytes = 0;
        long begunNanos = clock.nanoTime();
        for (int i = 0;
            i < ENTRIES_PER_COMMIT_MAX && bytes < BYTES_PER_COMMIT_MAX && iterator.hasNext();
            i++, iterator.next()) {
          if (iterator.getIndex() <= store.appliedIndex()) {
            continue; // in the state already
          }
          index = iterator.getIndex();
          term = iterator.getTerm();
          bytes += iterator.getData().remaining();
          List<Outcome> outcomes = machine.apply(term, EntryCodec.decode(iterator.getData()));
          bytes += machine.bytesTaken();
          if (iterator.done() instanceof EntryAppender.Appended closure) {
            done.add(new Done(closure, index, outcomes));
          }
        }
        if (index > 0) {
          long madeNanos = clock.nanoTime();
          commit(index, term);
          long writtenNanos = clock.nanoTime();
          tellIfSlow(index, madeNanos - begunNanos, writtenNanos - madeNanos);
          observer.applied(writtenNanos - begunNanos);
          for (Done entry : done) {
            entry.closure().applied(entry.index(), entry.outcomes());
            entry.closure().run(Status.OK());
          }
          waiters.applied(index);
          roles.entriesApplied(index, term);
        }
      }
    } catch (CorruptEntryException | RuntimeException | Error e) {
      fatal.fail("cannot apply log entry " + index + ": " + e.getMessage());
      iterator.setErrorAndRollback(
          1, new Status(RaftError.ESTATEMACHINE, "entry %d: %s", index, e.getMessage()));
    }
  }

  private static void tellIfSlow(long index, long makingNanos, long writingNanos) {
    if (makingNanos + writingNanos > SLOW_NANOS) {
      LOG.warn(
          "applying the log up to entry {} took {} ms, {} ms of them to write what it changed",
          index,
          (makingNanos + writingNanos) / 1_000_000,
          writingNanos / 1_000_000);
    }
  }

  private void commit(long index, long term) {
    horizon.reaches(index);
    store.commit(index, term);
    applied = view();
    keyChanges.committed();
  }

  private Applied view() {
    return new Applied(
        store.appliedIndex(),
        store.appliedTerm(),
        machine.stateHash(),
        machine.revision(),
        machine.members(),
        machine.alarms());
  }

  @Override
  public void onSnapshotSave(SnapshotWriter writer, Closure done) {
    SnapshotMeta meta = writer.getCurrentMeta();
    if (meta.getLastIncludedIndex() > store.appliedIndex()) {
      // The last entries changed the configuration and not the state: they are applied all the
      // same.
      commit(meta.getLastIncludedIndex(), meta.getLastIncludedTerm());
      waiters.applied(meta.getLastIncludedIndex());
    }
    snapshots.save(writer, done);
  }

  @Override
  public boolean onSnapshotLoad(SnapshotReader reader) {
    long before = store.appliedIndex();
    long index = reader.load().getLastIncludedIndex();
    horizon.reaches(index);
    if (!snapshots.load(reader, index)) {
      return false;
    }
    if (store.appliedIndex() != before) {
      machine.reload();
      applied = view();
      keyChanges.reset(machine.revision());
    }
    waiters.applied(store.appliedIndex());
    return true;
  }

  @Override
  public void onLeaderStart(long term) {
    orFail(() -> roles.leaderStarted(term));
  }

  @Override
  public void onLeaderStop(Status status) {
    orFail(() -> roles.leaderStopped(status.isOk() ? "told so" : status.getErrorMsg()));
  }

  @Override
  public void onStartFollowing(LeaderChangeContext leader) {
    orFail(() -> roles.following(leader.getTerm(), address(leader.getLeaderId())));
  }

  @Override
  public void onStopFollowing(LeaderChangeContext leader) {
    orFail(() -> roles.leaderLost(leader.getTerm()));
  }

  @Override
  public void onConfigurationCommitted(Configuration configuration) {
    orFail(
        () ->
            roles.configured(configuration.getPeers().stream().map(AppliedLog::address).toList()));
  }

  /** A role half taken on would leave a member that leads and serves nobody. */
  private void orFail(Runnable change) {
    try {
      change.run();
    } catch (RuntimeException | Error e) {
      fatal.fail("cannot change this member's role: " + e);
      throw e;
    }
  }

  private static PeerAddress address(PeerId peer) {
    return new PeerAddress(peer.getIp(), peer.getPort());
  }

  @Override
  public void onError(RaftException error) {
    fatal.fail("the Raft log failed: " + error.getStatus().getErrorMsg());
  }
}
