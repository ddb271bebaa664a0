package io.leasehold.raft;

import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.MemberRecord;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member's replica of the lease state, with its part in the consensus.
 *
 * <p>All methods may be called from any thread and none of them blocks, except {@link #close} and
 * {@link #defragment}. Callbacks run on the engine's threads and must not block.
 */
public interface Replica extends CommandLog, AutoCloseable {

  /** Returns the live leases as applied by this member. */
  LeaseTable leases();

  /**
   * Returns the lessor, when this member leads and has been promoted, else null. A caller that acts
   * on it later passes {@link Lessor#term()} along, so that leadership lost in between is noticed.
   */
  @Nullable Lessor lessor();

  /** Returns the leadership as this member sees it now. */
  Leadership leadership();

  /**
   * Calls the listener after each change of what {@link #leadership} or {@link #lessor} return, in
   * order.
   */
  void onLeadershipChange(Consumer<Leadership> listener);

  /**
   * Tells whether this member certainly led {@code term} at some moment within this call (rule S6).
   * False means "not known": ask for {@link #leaderBarrier}. Costs a clock read and two volatile
   * reads.
   */
  boolean isCertainlyLeader(long term);

  /**
   * Answers true once this member is known to have led {@code term} at some moment after this call,
   * false when that cannot be said. All calls in flight share rounds.
   */
  void leaderBarrier(long term, Consumer<Boolean> done);

  /**
   * Answers once this member has applied everything that was committed anywhere before this call,
   * so that a read of local state is linearizable; false when that cannot be established (no
   * leader, time-out). All calls in flight share rounds.
   */
  void readBarrier(Consumer<Boolean> done);

  /**
   * Calls back once this member has applied the entry at {@code index}, at once if it already has.
   */
  void whenApplied(long index, Runnable done);

  /**
   * Returns the keys as applied by this member at this moment, to be closed by the caller. Opening
   * takes microseconds; reading may wait for the disk, so event loops leave it to another thread.
   */
  KeyReading openKeys();

  /**
   * Tells this listener of all changes of keys from now on, in order, in place of any before it:
   * after the change is committed, so that {@link #openKeys} shows it, and before its proposer is
   * answered. On the apply thread, so it must only take note.
   */
  void onKeyChange(KeyListener listener);

  /**
   * Calls back with true once this member has deleted all that the compaction at {@code revision}
   * gave up, at once if so already; with false when it stops first. The compaction must have been
   * applied here.
   */
  void whenScrubbed(long revision, Consumer<Boolean> done);

  /**
   * Returns what the cluster has on record about its members, in order of names, as applied here.
   */
  List<MemberRecord> members();

  /** Returns the alarms that are raised, in order, as applied here. */
  List<AlarmRecord> alarms();

  /** Returns the names of members that may vote now, in order, as far as this member knows. */
  List<String> voters();

  /** Returns the hash of the state as applied here, without waiting for anybody. */
  default long stateHash() {
    return status().stateHash();
  }

  /** Returns the revision of the key space as applied by this member. Cheap: asked per renewal. */
  default long revision() {
    return status().revision();
  }

  /** Returns figures for status, metrics and tests, all of one moment. */
  Status status();

  /** Returns figures of storage and proposals for metrics, by name. */
  Map<String, Long> figures();

  /**
   * Writes this member's state anew without what was deleted, so that it takes less space. Blocks
   * for as long as that takes; commits and reads go on meanwhile. Ends early when the state is
   * replaced or closed.
   */
  void defragment();

  /**
   * Starts to hand leadership to the named member; returns false when this one does not lead or
   * cannot. The other may still not get it, when it is down or too far behind.
   */
  boolean transferLeadership(String member);

  /** Starts to hand leadership to another member; does nothing when this one does not lead. */
  void transferLeadership();

  /**
   * Hands leadership over if it is held, waits until another member leads or {@code handOver}
   * passed, and stops; when that is zero, stops at once and hands nothing over. The state stays on
   * disk. Blocks.
   */
  void close(Duration handOver);

  @Override
  void close();

  /**
   * The leadership as one member sees it.
   *
   * @param term the current Raft term
   * @param leader name of the leader, or null when none is known
   * @param isLeader whether this member leads; it may be about to learn otherwise
   */
  record Leadership(long term, @Nullable String leader, boolean isLeader) {}

  /**
   * Figures of one moment.
   *
   * @param stateHash hash of the replicated state at {@code appliedIndex}
   * @param revision revision of the key space at {@code appliedIndex}
   * @param stateBytes size of the state on disk
   */
  record Status(
      long term,
      long lastLogIndex,
      long committedIndex,
      long appliedIndex,
      long snapshotIndex,
      long stateHash,
      long revision,
      long stateBytes) {}
}
