package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.Client;
import io.leasehold.jepsen.client.Connections;
import io.leasehold.jepsen.client.LeaseKeeper;
import io.leasehold.jepsen.client.LeaseKeeper.Manner;
import io.leasehold.jepsen.client.MemberChoice;
import io.leasehold.jepsen.client.Processes;
import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.client.WatchPlan;
import io.leasehold.jepsen.client.WatchStream;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What a workload plays on: the members, the run's clock and its history. It starts players and
 * keepers of leases, ends all of them, and knows what was to outlive the run. For any number of
 * threads, except that one thread begins and ends it.
 */
public final class Stage implements AutoCloseable {
  /** The TTL of leases that nobody renews and that must be there at the end. */
  static final long LASTING_TTL_SECONDS = 3600;

  private static final Duration DEADLINE = Duration.ofSeconds(3);

  /** Short enough for another member to be asked before a lease of five seconds is over. */
  private static final Duration RENEWAL_DEADLINE = Duration.ofSeconds(1);

  private static final long END_MILLIS_MAX = 15_000;

  private final Connections connections;
  private final RunClock clock;
  private final Processes processes = new Processes();
  private final long seed;
  private final boolean listsAreLinearizable;
  private final Consumer<? super Entry> history;
  private final AtomicLong values = new AtomicLong();
  private final AtomicLong streams = new AtomicLong();
  private final Set<Long> lasting = ConcurrentHashMap.newKeySet();
  private final List<Thread> players = new ArrayList<>();
  private final List<LeaseKeeper> keepers = new ArrayList<>();
  private volatile boolean isOver;

  /**
   * Makes a stage on which nobody acts yet.
   *
   * @param seed of all that is left to chance
   * @param listsAreLinearizable whether these members answer so when asked for all leases
   * @param history is told everything, by any thread
   */
  public Stage(
      Connections connections,
      RunClock clock,
      long seed,
      boolean listsAreLinearizable,
      Consumer<? super Entry> history) {
    this.connections = connections;
    this.clock = clock;
    this.seed = seed;
    this.listsAreLinearizable = listsAreLinearizable;
    this.history = history;
  }

  /** What a player does once, and then again. */
  interface Turn {
    void take(Player player) throws InterruptedException;
  }

  public List<String> members() {
    return connections.members();
  }

  RunClock clock() {
    return clock;
  }

  public Op record(Op op) {
    history.accept(op);
    return op;
  }

  public void record(Entry entry) {
    history.accept(entry);
  }

  /** Returns a value that no other request of the run writes. */
  String value() {
    return "v" + values.incrementAndGet();
  }

  /** Returns a number that no other caller got. */
  long next() {
    return values.incrementAndGet();
  }

  public Request.ListLeases listOfLeases() {
    return new Request.ListLeases(listsAreLinearizable);
  }

  /** This lease must be there at the end. */
  void lasts(long leaseId) {
    lasting.add(leaseId);
  }

  /** The leases that must be there at the end. */
  public Set<Long> lasting() {
    return Set.copyOf(lasting);
  }

  /** Returns a client that asks another member after each failure, from the given one on. */
  public Client movingOn(int first) {
    return client(MemberChoice.movingOn(members(), first));
  }

  /** Returns a client that asks one member, whatever happens. */
  public Client pinned(String member) {
    return client(MemberChoice.pinned(member));
  }

  private Client client(MemberChoice choice) {
    return new Client(connections, choice, DEADLINE, processes, clock);
  }

  /** Starts a player that asks another member after each failure, from the given one on. */
  void play(String name, int first, Turn turn) {
    play(name, movingOn(first), turn);
  }

  /** Starts so many players, each of which begins with another member. */
  void playSeveral(int players, String name, Turn turn) {
    for (int i = 0; i < players; i++) {
      play(name + "-" + i, i, turn);
    }
  }

  /** Starts a player for each member, who asks it and no other. */
  void playOnEach(String name, Turn turn) {
    for (String member : members()) {
      play(name + "-" + member, pinned(member), turn);
    }
  }

  private void play(String name, Client client, Turn turn) {
    Player player = new Player(this, client, random(name));
    Thread thread = new Thread(() -> act(player, turn), name);
    thread.setDaemon(true);
    players.add(thread);
    thread.start();
  }

  private void act(Player player, Turn turn) {
    try {
      while (!isOver) {
        turn.take(player);
      }
    } catch (InterruptedException e) {
      // The stage was ended: whoever rested goes home.
      Thread.currentThread().interrupt();
    }
  }

  /** Returns a keeper of leases that starts with the given member. */
  LeaseKeeper keeper(int first, Consumer<? super Op> alsoTold) {
    return keeper(
        Manner.ONE_BY_ONE, MemberChoice.movingOn(members(), first), RENEWAL_DEADLINE, alsoTold);
  }

  private LeaseKeeper keeper(
      Manner manner, MemberChoice choice, Duration deadline, Consumer<? super Op> alsoTold) {
    LeaseKeeper keeper =
        new LeaseKeeper(
            manner,
            connections,
            choice,
            deadline,
            processes,
            clock,
            op -> {
              record(op);
              alsoTold.accept(op);
            });
    keepers.add(keeper);
    return keeper;
  }

  LeaseKeeper keeper(int first) {
    return keeper(first, op -> {});
  }

  /** Returns a keeper that renews in batches, and starts with the given member. */
  LeaseKeeper batchingKeeper(int first) {
    return keeper(
        Manner.IN_BATCHES, MemberChoice.movingOn(members(), first), RENEWAL_DEADLINE, op -> {});
  }

  /** Returns a keeper that renews in batches through one member, for which it waits so long. */
  LeaseKeeper patientBatchingKeeper(String member, Duration patience) {
    return keeper(Manner.IN_BATCHES, MemberChoice.pinned(member), patience, op -> {});
  }

  public WatchStream watch(String member, WatchPlan plan) {
    return watch(member, plan, WatchStream.Reading.ALL_THE_TIME);
  }

  WatchStream watch(String member, WatchPlan plan, WatchStream.Reading reading) {
    return new WatchStream(
        streams.incrementAndGet(), connections, member, plan, reading, clock, history);
  }

  Random random(String purpose) {
    return new Random(seed * 31 + purpose.hashCode());
  }

  /** Ends all players and keepers, and waits for them. What they had under way is recorded. */
  @Override
  public void close() {
    if (isOver) {
      return;
    }
    isOver = true;
    Cleanup all = new Cleanup();
    // A call that is under way has a deadline; only those that rest are woken.
    players.forEach(thread -> all.attempt(() -> endResting(thread)));
    keepers.forEach(keeper -> all.attempt(keeper::close));
    all.finish("the workload did not end");
  }

  private static void endResting(Thread thread) throws InterruptedException {
    thread.interrupt();
    thread.join(END_MILLIS_MAX);
    if (thread.isAlive()) {
      throw new IllegalStateException(thread.getName() + " does not end");
    }
  }
}
