package io.leasehold.client;

import io.leasehold.client.Operation.Delete;
import io.leasehold.client.Operation.Order;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Deleted;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.OperationResult.Written;
import io.leasehold.client.internal.EventQueue;
import io.leasehold.client.internal.Foundation;
import io.leasehold.client.internal.keepalive.DeadlineRule;
import io.leasehold.client.internal.keepalive.KeepAliveEngine;
import io.leasehold.client.internal.keepalive.KeptLeases;
import io.leasehold.client.internal.keepalive.RenewalCounters;
import io.leasehold.client.internal.time.NanoClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * A cluster in memory, and a client's parts before it, on virtual time: what the recipes stand on,
 * with faults at chosen requests. The client's owner and callback threads are real; their timers,
 * and all leases, run when a test lets time pass. The engine that renews leases is the product's.
 */
final class MadeUpCluster implements Foundation, AutoCloseable {
  /** The kinds of requests in which something can be made to happen. */
  enum Kind {
    GRANT,
    REVOKE,
    READ,
    COMMIT
  }

  /** For how long a client asks a silent cluster. */
  static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration REAL_WAIT_MAX = Duration.ofSeconds(20);
  private static final long POLL_MILLIS = 5;

  private record Task(long atNanos, long order, Runnable run) {}

  private static final class ServerLease {
    final long ttlSeconds;
    long heldUntilNanos;

    ServerLease(long ttlSeconds) {
      this.ttlSeconds = ttlSeconds;
    }
  }

  private final class Follower implements Watcher {
    final KeyRange range;
    final EventQueue<WatchEvent> events;
    long next;
    boolean isClosed;

    Follower(KeyRange range, long next, WatchListener listener, Executor executor) {
      this.range = range;
      this.next = next;
      this.events = new EventQueue<>(executor, listener::on);
    }

    void tell(WatchEvent event) {
      owner().execute(() -> events.tell(event));
    }

    @Override
    public void close() {
      synchronized (MadeUpCluster.this) {
        if (isClosed) {
          return;
        }
        isClosed = true;
        followers.remove(this);
      }
      tell(new WatchEvent.Ended("closed"));
    }
  }

  private final ExecutorService ownerThread = Executors.newSingleThreadExecutor(daemon("owner"));
  private final ExecutorService callbackThread =
      Executors.newSingleThreadExecutor(daemon("callback"));
  private final AtomicLong handedOver = new AtomicLong();
  private final PriorityQueue<Task> tasks =
      new PriorityQueue<>(
          Comparator.comparingLong((Task task) -> task.atNanos).thenComparingLong(Task::order));
  private volatile long nowNanos = 1_000_000;
  private long order;

  private final TreeMap<Bytes, KeyEntry> entries = new TreeMap<>();
  private final List<KeyChange> history = new ArrayList<>();
  private final Map<Long, ServerLease> serverLeases = new HashMap<>();
  private final List<Follower> followers = new CopyOnWriteArrayList<>();
  private final Map<Kind, List<Runnable>> before = new EnumMap<>(Kind.class);
  private final Map<Kind, List<Runnable>> after = new EnumMap<>(Kind.class);
  private final Map<Kind, Integer> lostAnswers = new EnumMap<>(Kind.class);
  private final Map<Kind, Integer> asked = new EnumMap<>(Kind.class);
  private final List<Runnable> unheard = new ArrayList<>();
  private long revision = 1;
  private long compactedAt;
  private long lastLease = 0x100;
  private boolean isSilent;
  private boolean areWatchesStuck;
  private volatile boolean isClientClosed;

  private final DeadlineRule rule = new DeadlineRule(0.01);
  private final KeptLeases kept;
  private final KeepAliveEngine engine;
  private final MadeUpOwner owner = new MadeUpOwner();

  MadeUpCluster() {
    kept =
        new KeptLeases(
            clock(),
            rule,
            callbacks(),
            lease -> owner().execute(() -> engine().keep(lease)),
            lease -> owner().execute(() -> engine().drop(lease)));
    engine =
        new KeepAliveEngine(
            clock(),
            () -> 0.5,
            rule,
            new Renewals(),
            nanos -> alarm(nanos),
            kept,
            new RenewalCounters());
  }

  private static java.util.concurrent.ThreadFactory daemon(String name) {
    return task -> {
      Thread thread = new Thread(task, "made-up-" + name);
      thread.setDaemon(true);
      return thread;
    };
  }

  private KeepAliveEngine engine() {
    return engine;
  }

  private long alarmNumber;

  private synchronized void alarm(long nanos) {
    long number = ++alarmNumber;
    at(
        nanos,
        () ->
            owner()
                .execute(
                    () -> {
                      if (isLatestAlarm(number)) {
                        engine.wake();
                      }
                    }));
  }

  private synchronized boolean isLatestAlarm(long number) {
    return number == alarmNumber;
  }

  private synchronized void at(long nanos, Runnable run) {
    tasks.add(new Task(nanos, order++, run));
  }

  // What tests do to it.

  /** Lets everything happen that is due within a time, and waits for it. */
  void pass(Duration time) {
    long end = nowNanos + time.toNanos();
    settle();
    while (true) {
      Task task;
      synchronized (this) {
        task = tasks.peek();
        if (task == null || task.atNanos > end) {
          nowNanos = end;
          notifyAll();
          break;
        }
        Task unused = tasks.remove();
        nowNanos = Math.max(nowNanos, task.atNanos);
      }
      task.run.run();
      settle();
    }
    settle();
  }

  /** Stops the process for a time: nothing of it runs, and afterwards everything at once. */
  void pause(Duration time) {
    synchronized (this) {
      nowNanos += time.toNanos();
      for (Long id : List.copyOf(serverLeases.keySet())) {
        expire(id);
      }
    }
  }

  /** Waits until the owner and callback threads have nothing to do. */
  void settle() {
    long count;
    do {
      count = handedOver.get();
      for (ExecutorService one : List.of(ownerThread, callbackThread)) {
        try {
          Object unused = one.submit(() -> true).get(REAL_WAIT_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
          throw new AssertionError("a thread of the client does not rest", e);
        }
      }
    } while (count != handedOver.get());
  }

  /** Waits, in real time, for what other threads do. */
  void awaitThat(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + REAL_WAIT_MAX.toNanos();
    synchronized (this) {
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() - deadline >= 0) {
          throw new AssertionError("not in time: " + what);
        }
        try {
          wait(POLL_MILLIS);
        } catch (InterruptedException e) {
          throw new AssertionError("interrupted while waiting until " + what, e);
        }
      }
    }
  }

  /** Runs something before the next request of a kind is judged. */
  synchronized void before(Kind kind, Runnable action) {
    before.computeIfAbsent(kind, any -> new ArrayList<>()).add(action);
  }

  /** Runs something when the next request of a kind has taken effect, before it is answered. */
  synchronized void after(Kind kind, Runnable action) {
    after.computeIfAbsent(kind, any -> new ArrayList<>()).add(action);
  }

  /** Lets the next request of a kind take effect, and its answer be lost. */
  synchronized void loseAnswer(Kind kind) {
    lostAnswers.merge(kind, 1, Integer::sum);
  }

  /** Answers nothing from now on, and renews nothing. */
  synchronized void fallSilent() {
    isSilent = true;
  }

  /** Answers again, also what was asked meanwhile and not given up. */
  void speak() {
    List<Runnable> late;
    synchronized (this) {
      isSilent = false;
      late = List.copyOf(unheard);
      unheard.clear();
    }
    late.forEach(Runnable::run);
  }

  synchronized int asked(Kind kind) {
    return asked.getOrDefault(kind, 0);
  }

  synchronized Optional<KeyEntry> entry(String key) {
    return Optional.ofNullable(entries.get(Bytes.of(key)));
  }

  /** The keys under a prefix, the oldest first. */
  synchronized List<KeyEntry> line(String prefix) {
    return select(Read.of(KeyRange.prefix(Bytes.of(prefix))).order(Order.OLDEST_FIRST)).entries();
  }

  synchronized boolean hasLease(long id) {
    return serverLeases.containsKey(id);
  }

  /** Whether somebody follows changes of a key or of a prefix that begins so. */
  synchronized boolean isWatched(Bytes from) {
    return followers.stream().anyMatch(one -> one.range.from().equals(from));
  }

  synchronized int watchCount() {
    return followers.size();
  }

  /** Ends a lease, as somebody else would. */
  void endLease(long id) {
    synchronized (this) {
      if (serverLeases.remove(id) != null) {
        dropKeysOf(id);
      }
    }
  }

  /** Puts a key, as somebody else would. */
  synchronized void put(String key, String value) {
    revision++;
    write(new Put(Bytes.of(key), Bytes.of(value), 0));
    publish();
  }

  /** Deletes a key, as somebody else would. */
  synchronized void delete(String key) {
    revision++;
    long unused = remove(KeyRange.of(Bytes.of(key)));
    publish();
  }

  /** Tells watches nothing from now on. */
  synchronized void holdWatches() {
    areWatchesStuck = true;
  }

  /** Compacts all history away. */
  synchronized void compact() {
    compactedAt = revision;
    history.removeIf(change -> change.entry().modRevision() < compactedAt);
  }

  /** Tells watches what they missed, as far as it is there. */
  synchronized void releaseWatches() {
    areWatchesStuck = false;
    publish();
  }

  /** Closes the client, as a user would while others wait. */
  void closeClient() {
    isClientClosed = true;
    followers.forEach(Follower::close);
    owner().execute(engine::close);
    settle();
    owner.isClosed = true;
  }

  @Override
  public void close() {
    ownerThread.shutdownNow();
    callbackThread.shutdownNow();
  }

  // What the client sees of it.

  /** The owner's thread, with timers of virtual time. */
  private final class MadeUpOwner implements Owner {
    volatile boolean isClosed;

    @Override
    public void execute(Runnable task) {
      if (!isClosed) {
        long unused = handedOver.incrementAndGet();
        ownerThread.execute(task);
      }
    }

    @Override
    public Future<?> executeAt(long nanos, Runnable task) {
      CompletableFuture<Void> handle = new CompletableFuture<>();
      at(
          nanos,
          () ->
              execute(
                  () -> {
                    if (!handle.isDone()) {
                      task.run();
                    }
                  }));
      return handle;
    }
  }

  @Override
  public NanoClock clock() {
    return () -> nowNanos;
  }

  @Override
  public Owner owner() {
    return owner;
  }

  @Override
  public Executor callbacks() {
    return task -> {
      long unused = handedOver.incrementAndGet();
      callbackThread.execute(task);
    };
  }

  @Override
  public KeptLeases kept() {
    return kept;
  }

  /** Makes a request: what it does happens at once, unless something is in its way. */
  private <A> CompletableFuture<A> ask(Kind kind, Supplier<A> effect) {
    runNext(before, kind);
    CompletableFuture<A> result = new CompletableFuture<>();
    boolean isLost;
    synchronized (this) {
      asked.merge(kind, 1, Integer::sum);
      notifyAll();
      if (isClientClosed) {
        boolean unused =
            result.completeExceptionally(new UnavailableException("the client is closed", null));
        return result;
      }
      if (isSilent) {
        unheard.add(() -> answer(result, effect, false));
        at(nowNanos + REQUEST_TIMEOUT.toNanos(), () -> fail(kind, result));
        return result;
      }
      isLost = lostAnswers.getOrDefault(kind, 0) > 0;
      if (isLost) {
        lostAnswers.merge(kind, -1, Integer::sum);
      }
    }
    CompletableFuture<A> effected = new CompletableFuture<>();
    answer(effected, effect, isLost);
    runNext(after, kind);
    return effected;
  }

  private void runNext(Map<Kind, List<Runnable>> actions, Kind kind) {
    Runnable action;
    synchronized (this) {
      List<Runnable> all = actions.getOrDefault(kind, List.of());
      if (all.isEmpty()) {
        return;
      }
      action = all.remove(0);
    }
    action.run();
  }

  private <A> void answer(CompletableFuture<A> result, Supplier<A> effect, boolean isLost) {
    if (result.isDone()) {
      return;
    }
    A answer;
    try {
      synchronized (this) {
        answer = effect.get();
        publish();
        notifyAll();
      }
    } catch (LeaseholdException e) {
      boolean unused = result.completeExceptionally(e);
      return;
    }
    boolean unused =
        isLost
            ? result.completeExceptionally(new OutcomeUnknownException("lost", null))
            : result.complete(answer);
  }

  private static void fail(Kind kind, CompletableFuture<?> result) {
    boolean unused =
        result.completeExceptionally(
            kind == Kind.READ
                ? new UnavailableException("silent", null)
                : new OutcomeUnknownException("silent", null));
  }

  private static <A> A await(CompletableFuture<A> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CallInterruptedException(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof LeaseholdException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    }
  }

  private <A> CompletableFuture<A> later(CompletableFuture<A> future) {
    CompletableFuture<A> handed = new CompletableFuture<>();
    var unused =
        future.whenCompleteAsync(
            (answer, failure) -> {
              boolean unusedEnd =
                  failure == null ? handed.complete(answer) : handed.completeExceptionally(failure);
            },
            callbacks());
    return handed;
  }

  // Leases.

  private GrantedLease grantNow(Duration ttl) {
    long id = ++lastLease;
    ServerLease lease = new ServerLease(ttl.toSeconds());
    lease.heldUntilNanos = nowNanos + ttl.toNanos();
    serverLeases.put(id, lease);
    at(lease.heldUntilNanos, () -> expire(id));
    return new GrantedLease(id, ttl, nowNanos + rule.validNanos(ttl.toNanos()));
  }

  private synchronized void expire(long id) {
    ServerLease lease = serverLeases.get(id);
    if (lease != null && nowNanos - lease.heldUntilNanos >= 0) {
      endLease(id);
    }
  }

  private long revokeNow(long id) {
    if (serverLeases.remove(id) == null) {
      throw new LeaseNotFoundException("no such lease", null);
    }
    dropKeysOf(id);
    owner().execute(() -> engine.revoked(id));
    return id;
  }

  private synchronized void dropKeysOf(long id) {
    List<Bytes> keys =
        entries.values().stream().filter(one -> one.leaseId() == id).map(KeyEntry::key).toList();
    if (!keys.isEmpty()) {
      revision++;
      keys.forEach(key -> remove(KeyRange.of(key)));
      publish();
    }
  }

  /** The stream of renewals: each is answered at once. */
  private final class Renewals implements KeepAliveEngine.Stream {
    private long stream;

    @Override
    public void open(long number, boolean isElsewhere) {
      stream = number;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void renew(long leaseId, long ttlNanos) {
      long number = stream;
      long ttlSeconds;
      synchronized (MadeUpCluster.this) {
        if (isSilent) {
          return;
        }
        ServerLease lease = serverLeases.get(leaseId);
        ttlSeconds = lease == null ? 0 : lease.ttlSeconds;
        if (lease != null) {
          lease.heldUntilNanos = nowNanos + Duration.ofSeconds(ttlSeconds).toNanos();
          at(lease.heldUntilNanos, () -> expire(leaseId));
        }
      }
      owner()
          .execute(
              () -> {
                if (ttlSeconds == 0) {
                  engine.notFound(number, leaseId);
                } else {
                  engine.renewed(number, leaseId, DeadlineRule.ttlNanos(ttlSeconds), true);
                }
              });
    }

    @Override
    public void flush() {
      // Each renewal leaves at once.
    }

    @Override
    public void close() {
      stream = -1;
    }
  }

  @Override
  public DirectLeases leases() {
    return new MadeUpLeases();
  }

  private final class MadeUpLeases implements DirectLeases {
    @Override
    public CompletableFuture<GrantedLease> granted(Duration ttl) {
      return ask(Kind.GRANT, () -> grantNow(ttl));
    }

    @Override
    public CompletableFuture<Void> revoked(long id) {
      return ask(Kind.REVOKE, () -> revokeNow(id)).thenAccept(ended -> {});
    }

    @Override
    public CompletableFuture<GrantedLease> grantAsync(Duration ttl) {
      return later(granted(ttl));
    }

    @Override
    public GrantedLease grant(Duration ttl) {
      return await(granted(ttl));
    }

    @Override
    public CompletableFuture<GrantedLease> grantAsync(Duration ttl, long id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public GrantedLease grant(Duration ttl, long id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> revokeAsync(long id) {
      return later(revoked(id));
    }

    @Override
    public void revoke(long id) {
      Void unused = await(revoked(id));
    }

    @Override
    public CompletableFuture<Optional<LeaseStatus>> timeToLiveAsync(long id, boolean withKeys) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<LeaseStatus> timeToLive(long id, boolean withKeys) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<Long>> listAsync() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<Long> list() {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<GrantedLease> keepAliveOnceAsync(long id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public GrantedLease keepAliveOnce(long id) {
      throw new UnsupportedOperationException();
    }

    @Override
    public KeptLease keepAlive(GrantedLease lease, LeaseListener listener) {
      return kept.keep(lease, listener);
    }

    @Override
    public KeptLease keepAlive(long id, LeaseListener listener) {
      return kept.keep(id, listener);
    }
  }

  // Keys.

  private static boolean isIn(Bytes key, KeyRange range) {
    if (range.end().size() == 0) {
      return key.equals(range.from());
    }
    boolean hasEnd = !range.end().equals(Bytes.copyOf(new byte[1]));
    return key.compareTo(range.from()) >= 0 && (!hasEnd || key.compareTo(range.end()) < 0);
  }

  private synchronized Found select(Read read) {
    Comparator<KeyEntry> sorting =
        switch (read.order()) {
          case KEY -> Comparator.comparing(KeyEntry::key);
          case OLDEST_FIRST -> Comparator.comparingLong(KeyEntry::createRevision);
          case NEWEST_FIRST -> Comparator.comparingLong(KeyEntry::createRevision).reversed();
        };
    List<KeyEntry> all =
        entries.values().stream()
            .filter(one -> isIn(one.key(), read.range()))
            .filter(one -> read.createdBefore() == 0 || one.createRevision() < read.createdBefore())
            .sorted(sorting)
            .toList();
    long most = read.limit() == 0 ? all.size() : read.limit();
    return new Found(all.stream().limit(most).toList(), all.size(), revision);
  }

  private void write(Put put) {
    KeyEntry old = entries.get(put.key());
    KeyEntry entry =
        new KeyEntry(
            put.key(),
            put.value(),
            old == null ? revision : old.createRevision(),
            revision,
            old == null ? 1 : old.version() + 1,
            put.leaseId());
    entries.put(put.key(), entry);
    history.add(new KeyChange(KeyChange.Kind.PUT, entry));
  }

  private long remove(KeyRange range) {
    List<Bytes> keys = entries.keySet().stream().filter(key -> isIn(key, range)).toList();
    for (Bytes key : keys) {
      entries.remove(key);
      history.add(
          new KeyChange(
              KeyChange.Kind.DELETE, new KeyEntry(key, Bytes.empty(), 0, revision, 0, 0)));
    }
    return keys.size();
  }

  private boolean holds(Condition condition) {
    KeyEntry entry = entries.get(condition.key());
    if (condition.target() == Condition.Target.VALUE) {
      return entry != null && entry.value().equals(condition.value());
    }
    long number =
        entry == null
            ? 0
            : switch (condition.target()) {
              case CREATE_REVISION -> entry.createRevision();
              case MOD_REVISION -> entry.modRevision();
              case VERSION -> entry.version();
              case LEASE -> entry.leaseId();
              case VALUE -> throw new AssertionError();
            };
    int order = Long.compare(number, condition.number());
    return switch (condition.relation()) {
      case EQUAL -> order == 0;
      case NOT_EQUAL -> order != 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
    };
  }

  private TxnResult commitNow(Txn txn) {
    boolean succeeded = txn.conditions().stream().allMatch(this::holds);
    List<Operation> operations = succeeded ? txn.then() : txn.otherwise();
    for (Operation one : operations) {
      if (one instanceof Put put
          && put.leaseId() != 0
          && !serverLeases.containsKey(put.leaseId())) {
        throw new LeaseNotFoundException("no such lease", null);
      }
    }
    boolean changes =
        operations.stream()
            .anyMatch(
                one ->
                    one instanceof Put
                        || (one instanceof Delete delete
                            && entries.keySet().stream()
                                .anyMatch(key -> isIn(key, delete.range()))));
    if (changes) {
      revision++;
    }
    List<OperationResult> results = new ArrayList<>();
    for (Operation one : operations) {
      if (one instanceof Put put) {
        write(put);
        results.add(new Written());
      } else if (one instanceof Delete delete) {
        results.add(new Deleted(remove(delete.range())));
      } else if (one instanceof Read read) {
        results.add(select(read));
      }
    }
    return new TxnResult(succeeded, revision, results);
  }

  @Override
  public DirectKeys keys() {
    return new MadeUpKeys();
  }

  private final class MadeUpKeys implements DirectKeys {
    @Override
    public CompletableFuture<TxnResult> committed(Txn txn) {
      return ask(Kind.COMMIT, () -> commitNow(txn));
    }

    private CompletableFuture<Found> found(Read read) {
      return ask(Kind.READ, () -> select(read));
    }

    @Override
    public CompletableFuture<Optional<KeyEntry>> getAsync(Bytes key) {
      return later(
          found(Read.of(KeyRange.of(key))).thenApply(all -> all.entries().stream().findFirst()));
    }

    @Override
    public Optional<KeyEntry> get(Bytes key) {
      return read(Read.of(KeyRange.of(key))).entries().stream().findFirst();
    }

    @Override
    public CompletableFuture<Found> readAsync(Read read) {
      return later(found(read));
    }

    @Override
    public Found read(Read read) {
      return await(found(read));
    }

    @Override
    public CompletableFuture<Long> putAsync(Bytes key, Bytes value, long leaseId) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long put(Bytes key, Bytes value, long leaseId) {
      return commit(Txn.when().then(new Put(key, value, leaseId))).revision();
    }

    @Override
    public CompletableFuture<Long> deleteAsync(KeyRange range) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long delete(KeyRange range) {
      return commit(Txn.when().then(new Delete(range))).revision();
    }

    @Override
    public CompletableFuture<TxnResult> commitAsync(Txn txn) {
      return later(committed(txn));
    }

    @Override
    public TxnResult commit(Txn txn) {
      return await(committed(txn));
    }
  }

  // Watches.

  /** Tells each watch what it has not heard. */
  private synchronized void publish() {
    if (areWatchesStuck) {
      return;
    }
    followers.forEach(this::publishTo);
  }

  private void publishTo(Follower follower) {
    if (follower.next < compactedAt) {
      follower.tell(new WatchEvent.Compacted(follower.next, compactedAt));
      follower.next = compactedAt;
    }
    Map<Long, List<KeyChange>> news = new TreeMap<>();
    for (KeyChange change : history) {
      long at = change.entry().modRevision();
      if (at >= follower.next && isIn(change.entry().key(), follower.range)) {
        news.computeIfAbsent(at, any -> new ArrayList<>()).add(change);
      }
    }
    follower.next = revision + 1;
    news.values().forEach(changes -> follower.tell(new WatchEvent.Changed(changes)));
  }

  @Override
  public DirectWatch watches() {
    return new MadeUpWatch();
  }

  private final class MadeUpWatch implements DirectWatch {
    @Override
    public Watcher watch(KeyRange range, long fromRevision, WatchListener listener) {
      return watch(range, fromRevision, listener, callbacks());
    }

    @Override
    public Watcher watch(
        KeyRange range, long fromRevision, WatchListener listener, Executor executor) {
      synchronized (MadeUpCluster.this) {
        long from = fromRevision == 0 ? revision + 1 : fromRevision;
        Follower follower = new Follower(range, from, listener, executor);
        followers.add(follower);
        if (!areWatchesStuck) {
          publishTo(follower);
        }
        MadeUpCluster.this.notifyAll();
        return follower;
      }
    }
  }
}
