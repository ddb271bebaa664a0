package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.RaftGroupService;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.core.NodeImpl;
import com.alipay.sofa.jraft.entity.PeerId;
import io.leasehold.core.command.Command;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.FatalErrorHandler;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.RaftMemberConfig;
import io.leasehold.raft.Replica;
import io.leasehold.raft.ReplicaObserver;
import io.leasehold.raft.StartException;
import io.leasehold.raft.jraft.lead.LeaderLease;
import io.leasehold.raft.jraft.lead.VoteGate;
import io.leasehold.raft.jraft.rpc.AppendListener;
import io.leasehold.raft.jraft.rpc.MemberNodeOptions;
import io.leasehold.raft.jraft.rpc.RaftLinkService;
import io.leasehold.raft.jraft.rpc.ReadIndexProcessor;
import io.leasehold.raft.jraft.rpc.Replicators;
import io.leasehold.raft.member.DataDirectory;
import io.leasehold.raft.member.VoterChanges;
import io.leasehold.raft.propose.ProposalBatcher;
import io.leasehold.raft.storage.RocksStateStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replica on SOFAJRaft: owns the node, the store and, while leading, the lessor.
 *
 * <p>Roles change and entries are applied on JRaft's apply thread; everything else may be called
 * from any thread.
 */
public final class JraftReplica implements Replica, AppliedLog.Roles {
  private static final Logger LOG = LoggerFactory.getLogger(JraftReplica.class);

  /** Election timeouts that pass, at the most, between the last act of a leader and the next. */
  private static final int LEADERLESS_ELECTIONS = 3;

  private final RaftMemberConfig config;
  private final Executor workers;
  private final TermWatch terms;
  private final RocksStateStore store;
  private final CommittedKeyChanges keyChanges = new CommittedKeyChanges();
  private final LeaseStateMachine machine;
  private final Voters voters;
  private final Snapshots snapshots;
  private final SnapshotTurns snapshotTurns;
  private final AppliedLog appliedLog;
  private final AppliedWaiters waiters = new AppliedWaiters();
  private final EntryAppender appender = new EntryAppender();
  private final ProposalBatcher proposals = new ProposalBatcher(appender);
  private final LeadershipView view = new LeadershipView();
  private final CommitHorizon horizon = new CommitHorizon();
  private final HeartbeatRounds rounds;
  private final LeadershipProof proof;
  private final ReadBarrier readBarrier;
  private final LessorTerms lessors;
  private final ElectionHaste electionHaste;
  private final CommitNotices commitNotices;
  private final ExecutorService snapshotWriter =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "snapshot-writer");
            thread.setDaemon(true);
            return thread;
          });
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile @Nullable Node node;
  private volatile @Nullable Replicators replicators;
  private volatile long logIndexAtStart;
  private @Nullable RaftGroupService group;

  /**
   * Opens the state in the data directory. {@link #start} must follow before the replica takes part
   * in anything.
   *
   * @param clock by which members hear from one another
   * @param leaseClock by which leases last
   */
  public JraftReplica(
      RaftMemberConfig config,
      DataDirectory directory,
      NanoClock clock,
      NanoClock leaseClock,
      ScheduledExecutorService timer,
      Executor workers,
      TermWatch terms,
      VoteGate gate,
      LeaderLease lease,
      ReplicaObserver observer,
      FatalErrorHandler fatal) {
    this.config = config;
    this.terms = terms;
    this.workers = workers;
    this.voters = new Voters(config, () -> node);
    this.commitNotices =
        new CommitNotices(RaftSettings.peer(config.ownAddress()), horizon, proposals);
    this.rounds =
        new HeartbeatRounds(this::ledTerm, workers, timer, config.electionTimeoutMillis());
    this.proof =
        new LeadershipProof(
            lease,
            view,
            terms::term,
            this::leadsByNode,
            rounds,
            clock,
            timer,
            config.electionTimeoutMillis());
    this.readBarrier =
        new ReadBarrier(
            view,
            proof,
            horizon,
            waiters,
            voters::peerOf,
            RaftSettings.peer(config.ownAddress()),
            config.electionTimeoutMillis(),
            timer,
            this::mark);
    this.lessors =
        new LessorTerms(
            config.name(),
            LessorConfig.of(
                    config.electionTimeoutMillis() * 1_000_000L, checkpointEveryNanos(config))
                .withRevokeRate(config.revokeRatePerSecond()),
            this::leases,
            this,
            view,
            proof,
            leaseClock,
            timer,
            observer,
            fatal);
    this.electionHaste =
        new ElectionHaste(
            clock,
            gate,
            config.name(),
            config.electionTimeoutMillis(),
            timer,
            view::leadership,
            voters::names);
    tellVoters();
    this.store = RocksStateStore.open(directory.state());
    this.machine = new LeaseStateMachine(store, store.keys(), lessors, keyChanges);
    this.snapshots = new Snapshots(store, snapshotWriter, fatal);
    this.appliedLog =
        new AppliedLog(
            clock, machine, store, keyChanges, snapshots, horizon, waiters, this, observer, fatal);
    waiters.applied(store.appliedIndex());
    this.snapshotTurns =
        new SnapshotTurns(() -> node, timer, config.snapshotEntries(), store.appliedIndex());
  }

  /**
   * Returns how often the lessor takes checkpoints. What a leader change adds to the life of a
   * lease is the age of its checkpoint at the next promotion, the time without a leader included;
   * so that this stays within the configured interval, checkpoints are taken that much earlier, as
   * far as the interval has room for it.
   */
  private static long checkpointEveryNanos(RaftMemberConfig config) {
    long intervalMillis = config.checkpointIntervalMillis();
    long leaderlessMillis = LEADERLESS_ELECTIONS * (long) config.electionTimeoutMillis();
    return Math.max(intervalMillis / 2, intervalMillis - leaderlessMillis) * 1_000_000L;
  }

  /**
   * Starts the Raft node.
   *
   * @param voters the initial configuration; empty for a member that is added later
   */
  public void start(
      DataDirectory directory,
      Map<String, PeerAddress> voters,
      RaftLinkService links,
      MemberNodeOptions options)
      throws StartException {
    Configuration initial = new Configuration();
    voters.values().forEach(address -> initial.addPeer(RaftSettings.peer(address)));
    RaftSettings.fill(options, config, directory, initial, appliedLog, terms);
    RaftGroupService service =
        new RaftGroupService(
            RaftSettings.GROUP, RaftSettings.peer(config.ownAddress()), options, links);
    links.registerProcessor(new ReadIndexProcessor(readBarrier));
    Node started;
    try {
      started = service.start();
    } catch (IllegalStateException e) {
      throw new StartException(
          directory.root()
              + ": Raft does not start, for the reason that it logged just before; nothing was changed;"
              + " if that says that its log or metadata is damaged, move the data directory aside and"
              + " start the member once with --replace-member",
          e);
    }
    group = service;
    logIndexAtStart = started.getLastLogIndex();
    node = started;
    electionHaste.start(started);
    links.onLeaderCutOff(electionHaste::leaderCutOff);
    readBarrier.start(((NodeImpl) started).getRpcService());
    appender.start(started);
  }

  // ---------------------------------------------------------------- state and leadership

  @Override
  public LeaseTable leases() {
    return machine.leases();
  }

  @Override
  public @Nullable Lessor lessor() {
    return view.lessor();
  }

  @Override
  public Leadership leadership() {
    Leadership known = view.leadership();
    // Until it hears of a leader, a member that was just started knows what it has on disk.
    return known.term() == 0
        ? new Leadership(terms.termAtStart(), known.leader(), known.isLeader())
        : known;
  }

  @Override
  public void onLeadershipChange(Consumer<Leadership> listener) {
    view.onChange(listener);
  }

  @Override
  public boolean isCertainlyLeader(long term) {
    return proof.isCertain(term);
  }

  @Override
  public void leaderBarrier(long term, Consumer<Boolean> done) {
    proof.barrier(term, done);
  }

  @Override
  public void readBarrier(Consumer<Boolean> done) {
    readBarrier.pass(done);
  }

  private void mark() {
    lessors.mark();
  }

  private long ledTerm() {
    Leadership leadership = view.leadership();
    return leadership.isLeader() ? leadership.term() : HeartbeatRounds.UNPROVEN;
  }

  private boolean leadsByNode() {
    Node current = node;
    return current != null && current.isLeader(false);
  }

  @Override
  public void whenApplied(long index, Runnable done) {
    waiters.whenApplied(index, done);
  }

  @Override
  public void propose(Command command, long term, Callback callback) {
    proposals.propose(command, term, callback);
  }

  @Override
  public KeyReading openKeys() {
    return store.openKeys();
  }

  @Override
  public void onKeyChange(KeyListener listener) {
    keyChanges.listener(listener);
  }

  @Override
  public void whenScrubbed(long revision, Consumer<Boolean> done) {
    store.whenScrubbed(revision, done);
  }

  @Override
  public List<MemberRecord> members() {
    return appliedLog.applied().members();
  }

  @Override
  public List<AlarmRecord> alarms() {
    return appliedLog.applied().alarms();
  }

  @Override
  public void defragment() {
    store.defragment();
  }

  @Override
  public List<String> voters() {
    return voters.names();
  }

  /** Returns what changes who votes, on the leader. */
  public VoterChanges voterChanges() {
    return voters;
  }

  @Override
  public long stateHash() {
    return appliedLog.applied().stateHash();
  }

  @Override
  public long revision() {
    return appliedLog.applied().revision();
  }

  /** Returns the index up to which this member has applied the log. Takes no lock. */
  public long appliedIndex() {
    return appliedLog.applied().index();
  }

  /**
   * Returns an index up to which this member surely has the log. Unlike {@link #status}, it never
   * waits for JRaft's lock, so that it may be asked while other locks are held and on network
   * threads.
   */
  public long heldLogIndex() {
    return Math.max(logIndexAtStart, appliedIndex());
  }

  /** Tells whether the log has been opened. */
  public boolean isStarted() {
    return node != null;
  }

  /** Tells whether this member holds nothing of the log and knows of no leader. Takes no lock. */
  public boolean isFresh() {
    return heldLogIndex() == 0 && view.leadership().leader() == null;
  }

  @Override
  public Status status() {
    Node current = node;
    AppliedLog.Applied applied = appliedLog.applied();
    long lastLogIndex = heldLogIndex();
    long committedIndex = applied.index();
    if (current != null) {
      try {
        lastLogIndex = current.getLastLogIndex();
        committedIndex = current.getLastCommittedIndex();
      } catch (IllegalStateException e) {
        // The node has failed or is stopping: what is known without it must do.
        LOG.debug("the node is not active", e);
      }
    }
    return new Status(
        Math.max(leadership().term(), applied.term()),
        lastLogIndex,
        committedIndex,
        applied.index(),
        snapshotTurns.index(),
        applied.stateHash(),
        applied.revision(),
        store.sizeBytes());
  }

  /** Returns figures of the state's storage and of the proposals under way, by name. Any thread. */
  @Override
  public Map<String, Long> figures() {
    Map<String, Long> figures = new TreeMap<>();
    store.figures().forEach((name, value) -> figures.put("rocksdb_" + name, value));
    figures.put("snapshots_loaded", snapshots.loaded());
    figures.put("snapshots_saved", snapshots.saved());
    figures.put("proposals_queued", (long) proposals.queued());
    figures.put("proposal_entries_in_flight", (long) proposals.inFlight());
    return figures;
  }

  // ---------------------------------------------------------------- roles, on the apply thread

  @Override
  public void leaderStarted(long term) {
    commitNotices.startOver(term);
    boolean leadsOn = lessors.begin(term);
    Replicators byJraft = replicators;
    if (leadsOn && byJraft != null) {
      // Not here: it may wait for the node's lock, whose holder may wait for this thread.
      workers.execute(() -> voters.others().forEach(byJraft::restore));
    }
  }

  @Override
  public void leaderStopped(String why) {
    lessors.end(why);
  }

  @Override
  public void following(long term, PeerAddress leader) {
    String name = voters.nameOf(leader);
    LOG.info("following {} in term {}", name, term);
    view.follows(term, name);
  }

  @Override
  public void leaderLost(long term) {
    view.follows(term, null);
  }

  @Override
  public void configured(List<PeerAddress> addresses) {
    voters.are(addresses);
    tellVoters();
    LOG.info("voters are {}", voters.names());
  }

  private void tellVoters() {
    commitNotices.followersAre(voters.others());
    rounds.votersAre(voters.others(), voters.names().contains(config.name()));
  }

  @Override
  public void entriesCommitted(long index, long term) {
    if (lessors.isPromoted()) {
      commitNotices.committed(index, term);
    }
  }

  @Override
  public void entriesApplied(long index, long term) {
    if (lessors.isPromoted()) {
      commitNotices.applied(index, term);
    }
    snapshotTurns.applied(store.appliedIndex());
  }

  /** Returns what is to hear of what followers are sent. */
  public AppendListener appends() {
    return commitNotices;
  }

  /** Notes what sends this member's entries to its followers, while it leads. */
  public void replicatesBy(Replicators byJraft) {
    replicators = byJraft;
    commitNotices.sendBy(byJraft);
    rounds.sendBy(byJraft);
  }

  // ---------------------------------------------------------------- stopping

  @Override
  public void transferLeadership() {
    Node current = node;
    if (current == null || !current.isLeader(false)) {
      return;
    }
    // The empty peer lets JRaft choose the follower that is furthest along.
    var unused = transferLeadership(current, PeerId.ANY_PEER);
  }

  @Override
  public boolean transferLeadership(String member) {
    Node current = node;
    if (current == null || !current.isLeader(false) || member.equals(config.name())) {
      return false;
    }
    return transferLeadership(current, voters.peerOf(member));
  }

  private boolean transferLeadership(Node current, PeerId to) {
    com.alipay.sofa.jraft.Status status = current.transferLeadershipTo(to);
    LOG.info("handing leadership over: {}", status.isOk() ? "started" : status.getErrorMsg());
    return status.isOk();
  }

  @Override
  public void close(Duration handOver) {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (!handOver.isZero() && view.leadership().isLeader() && voters.names().size() > 1) {
      CountDownLatch handedOver = new CountDownLatch(1);
      view.onChange(
          leadership -> {
            if (leadership.leader() != null && !leadership.isLeader()) {
              handedOver.countDown();
            }
          });
      transferLeadership();
      try {
        if (!handedOver.await(handOver.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.warn("no other member has taken over within {}", handOver);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    stop();
  }

  @Override
  public void close() {
    close(Duration.ZERO);
  }

  private void stop() {
    lessors.stop();
    proposals.close();
    appender.stop();
    readBarrier.stop();
    electionHaste.stop();
    node = null;
    RaftGroupService service = group;
    if (service != null) {
      service.shutdown();
      try {
        service.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    leaderStopped("this member stops");
    snapshotWriter.shutdown();
    store.close();
  }
}
