package io.leasehold.server.fake;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.MemoryKeyStore;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.lessor.LessorObserver;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.MemoryStore;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.Replica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One member of a {@link FakeCluster}: the real state machine and the real lessor on one thread,
 * which is the apply thread and the lessor's owner.
 */
public final class FakeReplica implements Replica {
  private static final long TICK_MILLIS = 5;

  private final FakeCluster cluster;
  private final String name;
  private final MemoryKeyStore keys = new MemoryKeyStore();
  private final LeaseStateMachine state;
  private final ScheduledExecutorService thread;
  private final List<Consumer<Leadership>> listeners = new CopyOnWriteArrayList<>();
  private final Map<Long, CommandLog.Callback> outcomes = new HashMap<>();
  private final TreeMap<Long, Runnable> appliedWaiters = new TreeMap<>();
  private volatile Leadership leadership = new Leadership(0, null, false);
  private volatile @Nullable Lessor lessor;
  private @Nullable Lessor demoted;
  private volatile boolean isPromotionHeld;
  private volatile boolean isCertain = true;
  private volatile boolean isBarrierPassing = true;
  private volatile boolean isApplyHeld;
  private volatile boolean isClosed;
  private volatile long stateBytes;
  private volatile long revision = 1;
  private final AtomicInteger defragmentations = new AtomicInteger();
  private final List<Runnable> scrubWaiters = new ArrayList<>();
  private boolean isScrubbingHeld;
  private final Object readGate = new Object();
  private boolean areReadsHeld;
  private volatile KeyListener keyListener = KeyListener.NONE;
  private volatile List<AlarmRecord> alarms = List.of();
  private long applied;

  FakeReplica(FakeCluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
    this.state = new LeaseStateMachine(new MemoryStore(), keys, new Listener(), new KeyChanges());
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread made = new Thread(task, "fake-" + name);
              made.setDaemon(true);
              return made;
            });
    var unused =
        thread.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  public String name() {
    return name;
  }

  /* What tests decide. */

  /** Keeps this member, when elected, from becoming the lessor. */
  public void holdPromotion(boolean isHeld) {
    isPromotionHeld = isHeld;
    Leadership now = leadership;
    thread.execute(() -> promote(now));
  }

  /** Whether the cheap proof of leadership holds. */
  public void certain(boolean isCertainNow) {
    isCertain = isCertainNow;
  }

  /** Whether barriers hold. */
  public void barriersPass(boolean isPassing) {
    isBarrierPassing = isPassing;
  }

  /** Keeps this member from applying. */
  public void holdApply(boolean isHeld) {
    isApplyHeld = isHeld;
    applySoon();
  }

  /** What this member says that its state takes on disk. */
  public void stateBytes(long bytes) {
    stateBytes = bytes;
  }

  /** Keeps compacted history on this member's disk until told otherwise. */
  public void holdScrubbing(boolean isHeld) {
    List<Runnable> due = new ArrayList<>();
    synchronized (scrubWaiters) {
      isScrubbingHeld = isHeld;
      if (!isHeld) {
        due.addAll(scrubWaiters);
        scrubWaiters.clear();
      }
    }
    due.forEach(Runnable::run);
  }

  /** Keeps reads of keys on this member from being opened. */
  public void holdReads(boolean isHeld) {
    synchronized (readGate) {
      areReadsHeld = isHeld;
      readGate.notifyAll();
    }
  }

  /** Tells whether somebody waits for the deletion of what was compacted. */
  public boolean hasScrubWaiters() {
    synchronized (scrubWaiters) {
      return !scrubWaiters.isEmpty();
    }
  }

  /** Returns how often this member was defragmented. */
  public int defragmentations() {
    return defragmentations.get();
  }

  /** Lets this member lose sight of the leader, which goes on. */
  public void loseLeader() {
    leadership = new Leadership(leadership.term(), null, false);
    tell();
  }

  /* The cluster's side. */

  void termBegan(long term, @Nullable String leader) {
    Leadership now = new Leadership(term, leader, name.equals(leader));
    submit(
        () -> {
          demote();
          leadership = now;
          apply();
          promote(now);
          tell();
        });
  }

  void whenOutcome(long index, CommandLog.Callback done) {
    synchronized (outcomes) {
      outcomes.put(index, done);
    }
  }

  void applySoon() {
    submit(this::apply);
  }

  private void submit(Runnable task) {
    if (!isClosed) {
      thread.execute(task);
    }
  }

  private void tell() {
    Leadership now = leadership;
    listeners.forEach(listener -> listener.accept(now));
  }

  private void demote() {
    Lessor old = lessor;
    lessor = null;
    if (old != null) {
      old.demote();
      demoted = old;
      state.leases().forEach(Lease::unschedule);
    }
  }

  private void promote(Leadership in) {
    if (!in.isLeader() || isPromotionHeld || !in.equals(leadership) || lessor != null) {
      return;
    }
    Lessor next =
        new Lessor(
            in.term(),
            LessorConfig.of(cluster.electionTimeoutNanos, TimeUnit.SECONDS.toNanos(60)),
            state.leases(),
            cluster.clock,
            this,
            LessorObserver.NONE,
            () -> submit(this::tick));
    next.promote();
    lessor = next;
    tell();
  }

  private void tick() {
    Lessor over = demoted;
    if (over != null) {
      demoted = null;
      over.tick(cluster.clock.nanoTime());
    }
    Lessor now = lessor;
    if (now != null) {
      now.tick(cluster.clock.nanoTime());
    }
  }

  private void apply() {
    while (!isApplyHeld) {
      FakeCluster.Entry entry = cluster.entry(applied + 1);
      if (entry == null) {
        return;
      }
      Outcome outcome;
      synchronized (keys) {
        outcome = state.apply(entry.term(), entry.command());
      }
      alarms = state.alarms();
      revision = state.revision();
      applied++;
      CommandLog.Callback done;
      synchronized (outcomes) {
        done = outcomes.remove(applied);
      }
      if (done != null) {
        done.complete(new ProposalResult.Applied(applied, outcome));
      }
      while (!appliedWaiters.isEmpty() && appliedWaiters.firstKey() <= applied) {
        appliedWaiters.pollFirstEntry().getValue().run();
      }
    }
  }

  /* The replica. */

  @Override
  public void propose(Command command, long term, CommandLog.Callback callback) {
    cluster.propose(command, term, this, callback);
  }

  @Override
  public LeaseTable leases() {
    return state.leases();
  }

  @Override
  public @Nullable Lessor lessor() {
    return lessor;
  }

  @Override
  public Leadership leadership() {
    return leadership;
  }

  @Override
  public void onLeadershipChange(Consumer<Leadership> listener) {
    listeners.add(listener);
  }

  @Override
  public boolean isCertainlyLeader(long term) {
    return isCertain && cluster.leads(name, term);
  }

  @Override
  public void leaderBarrier(long term, Consumer<Boolean> done) {
    submit(() -> done.accept(isBarrierPassing && cluster.leads(name, term)));
  }

  @Override
  public void readBarrier(Consumer<Boolean> done) {
    int committed = cluster.committed();
    submit(
        () -> {
          if (!isBarrierPassing || leadership.leader() == null || !cluster.hasLeader()) {
            done.accept(false);
          } else {
            whenAppliedHere(committed, () -> done.accept(true));
          }
        });
  }

  @Override
  public void whenApplied(long index, Runnable done) {
    submit(() -> whenAppliedHere(index, done));
  }

  private void whenAppliedHere(long index, Runnable done) {
    if (index <= applied) {
      done.run();
    } else {
      appliedWaiters.merge(
          index,
          done,
          (first, second) ->
              () -> {
                first.run();
                second.run();
              });
    }
  }

  @Override
  public List<MemberRecord> members() {
    return cluster.names().stream()
        .map(member -> new MemberRecord(member, "id-" + member, List.of("http://" + member + ":1")))
        .toList();
  }

  @Override
  public List<String> voters() {
    return cluster.names();
  }

  @Override
  public Status status() {
    return new Status(
        leadership.term(),
        cluster.committed(),
        cluster.committed(),
        applied,
        0,
        state.stateHash(),
        revision(),
        stateBytes);
  }

  @Override
  public Map<String, Long> figures() {
    return Map.of(
        "rocksdb_sst_bytes",
        1L,
        "snapshots_saved",
        0L,
        "snapshots_loaded",
        0L,
        "proposals_queued",
        0L,
        "proposal_entries_in_flight",
        0L);
  }

  @Override
  public long revision() {
    return revision;
  }

  @Override
  public KeyReading openKeys() {
    synchronized (readGate) {
      while (areReadsHeld && !isClosed) {
        try {
          readGate.wait();
        } catch (InterruptedException e) {
          throw new StateStoreException("interrupted", e);
        }
      }
    }
    synchronized (keys) {
      return new FakeKeyReading(keys.copy());
    }
  }

  @Override
  public void whenScrubbed(long revision, Consumer<Boolean> done) {
    synchronized (scrubWaiters) {
      if (isScrubbingHeld) {
        scrubWaiters.add(() -> done.accept(true));
        return;
      }
    }
    done.accept(true);
  }

  @Override
  public void onKeyChange(KeyListener listener) {
    keyListener = listener;
  }

  @Override
  public List<AlarmRecord> alarms() {
    return alarms;
  }

  @Override
  public void defragment() {
    defragmentations.incrementAndGet();
  }

  @Override
  public boolean transferLeadership(String member) {
    boolean isLeader = leadership.isLeader();
    if (isLeader) {
      cluster.elect(member);
    }
    return isLeader;
  }

  @Override
  public void transferLeadership() {
    List<String> names = cluster.names();
    if (leadership.isLeader() && names.size() > 1) {
      cluster.elect(names.get((names.indexOf(name) + 1) % names.size()));
    }
  }

  @Override
  public void close(Duration handOver) {
    close();
  }

  @Override
  public void close() {
    isClosed = true;
    thread.shutdownNow();
  }

  private final class KeyChanges implements KeyListener {
    @Override
    public void changed(long revision, List<KeyEvent> events) {
      keyListener.changed(revision, events);
    }

    @Override
    public void deletedAttached(long revision, long leaseId) {
      keyListener.deletedAttached(revision, leaseId);
    }

    @Override
    public void compacted(long revision) {
      keyListener.compacted(revision);
    }
  }

  private final class Listener implements LeaseListener {
    @Override
    public void granted(Lease lease) {
      Lessor now = lessor;
      if (now != null) {
        now.granted(lease);
      }
    }

    @Override
    public void revoked(List<Lease> leases) {
      Lessor now = lessor;
      if (now != null) {
        now.revoked(leases);
      }
    }

    @Override
    public void checkpointed(List<Lease> leases) {
      Lessor now = lessor;
      if (now != null) {
        now.checkpointed(leases);
      }
    }
  }
}
