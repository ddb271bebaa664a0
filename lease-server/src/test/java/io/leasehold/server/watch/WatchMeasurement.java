package io.leasehold.server.watch;

import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * What the hub costs without a network: sinks encode each message, as gRPC does, and drop it. Run
 * {@code main}; prints one line for each case.
 */
final class WatchMeasurement {
  private static final int WATCHERS = 10_000;
  private static final int ROUNDS = 30;
  private static final int EVENTS = 2_000_000;
  private static final Bytes VALUE = Bytes.wrap(new byte[128]);
  private static final List<Bytes> KEYS =
      IntStream.range(0, WATCHERS)
          .mapToObj(i -> Bytes.utf8(String.format("service/%08d", i)))
          .toList();

  private final KeyHistory empty = new KeyHistory();
  private final ExecutorService dispatcher = Executors.newSingleThreadExecutor();
  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final AtomicLong delivered = new AtomicLong();
  private final WatchHub hub = new WatchHub(32L << 20, empty::revision, empty, dispatcher, readers);
  private volatile long target = Long.MAX_VALUE;
  private volatile CountDownLatch isReached = new CountDownLatch(1);
  private long revision = 1;

  private WatchMeasurement() {}

  public static void main(String[] arguments) throws Exception {
    oneEventEach("10 000 watchers of a key each, one revision changes all keys", true);
    oneEventEach("10 000 watchers of a key each, a revision for each key", false);
    oneKey();
    firehose("one watcher of everything", 1);
    firehose("ten watchers of everything", 10);
    handOver();
  }

  /** Encodes and counts. */
  private class CountingSink implements WatchSink {
    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void handled() {
      count(1);
    }

    @Override
    public void created(long watchId, long at) {}

    @Override
    public void refused(WatchRefusal why, long at) {
      throw new IllegalStateException(why.toString());
    }

    @Override
    public void events(long watchId, long at, List<Event> events, boolean mayFragment) {
      byte[] encoded =
          WatchResponse.newBuilder().setWatchId(watchId).addAllEvents(events).build().toByteArray();
      if (encoded.length == 0) {
        throw new IllegalStateException("an empty message");
      }
      count(events.size());
    }

    @Override
    public void canceled(long watchId, long at) {}

    @Override
    public void compacted(long watchId, long at, long compactedRevision) {
      throw new IllegalStateException("compacted");
    }

    @Override
    public void progress(long watchId, long at) {}

    @Override
    public void failed() {
      throw new IllegalStateException("failed");
    }
  }

  private void count(int count) {
    if (delivered.addAndGet(count) >= target) {
      isReached.countDown();
    }
  }

  private void expect(long count) {
    isReached = new CountDownLatch(1);
    target = delivered.get() + count;
  }

  private void await() throws InterruptedException {
    if (!isReached.await(60, TimeUnit.SECONDS)) {
      throw new IllegalStateException("not delivered within a minute");
    }
  }

  private KeyEvent event(Bytes key, long at) {
    return new KeyEvent.Put(new KeyValue(key, VALUE, at, at, 2, 0));
  }

  private void close() {
    dispatcher.shutdownNow();
    readers.shutdownNow();
  }

  private static Bytes key(int number) {
    return KEYS.get(number);
  }

  private void watch(int count, int streams) throws InterruptedException {
    List<Subscriber> all = new ArrayList<>();
    for (int i = 0; i < streams; i++) {
      all.add(hub.open(new CountingSink()));
    }
    expect(count);
    for (int i = 0; i < count; i++) {
      all.get(i % streams).create(0, WatchSpec.of(KeyRange.single(key(i)), 0));
    }
    await();
  }

  private static void oneEventEach(String name, boolean isOneRevision) throws Exception {
    WatchMeasurement bench = new WatchMeasurement();
    bench.watch(WATCHERS, 100);
    double[] millis = new double[ROUNDS];
    double[] handOverMillis = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      bench.expect(WATCHERS);
      long startNanos = System.nanoTime();
      if (isOneRevision) {
        long at = ++bench.revision;
        List<KeyEvent> events = new ArrayList<>(WATCHERS);
        for (int i = 0; i < WATCHERS; i++) {
          events.add(bench.event(key(i), at));
        }
        startNanos = System.nanoTime();
        bench.hub.changed(at, events);
      } else {
        for (int i = 0; i < WATCHERS; i++) {
          long at = ++bench.revision;
          bench.hub.changed(at, List.of(bench.event(key(i), at)));
        }
      }
      handOverMillis[round] = (System.nanoTime() - startNanos) / 1e6;
      bench.await();
      millis[round] = (System.nanoTime() - startNanos) / 1e6;
    }
    print(name + ", last delivery", millis);
    print(name + ", apply thread", handOverMillis);
    bench.close();
  }

  private static void oneKey() throws Exception {
    WatchMeasurement bench = new WatchMeasurement();
    bench.watch(WATCHERS, 100);
    int changes = 20_000;
    double[] micros = new double[changes];
    for (int i = 0; i < changes; i++) {
      bench.expect(1);
      long at = ++bench.revision;
      List<KeyEvent> events = List.of(bench.event(key(i % WATCHERS), at));
      long startNanos = System.nanoTime();
      bench.hub.changed(at, events);
      bench.await();
      micros[i] = (System.nanoTime() - startNanos) / 1e3;
    }
    Arrays.sort(micros);
    System.out.printf(
        "one change among 10 000 watchers, to its delivery: p50 %.0f us, p99 %.0f us%n",
        micros[changes / 2], micros[changes * 99 / 100]);
    bench.close();
  }

  private static void firehose(String name, int watchers) throws Exception {
    WatchMeasurement bench = new WatchMeasurement();
    bench.expect(watchers);
    for (int i = 0; i < watchers; i++) {
      bench
          .hub
          .open(bench.new CountingSink())
          .create(0, WatchSpec.of(KeyRange.prefix(Bytes.EMPTY), 0));
    }
    bench.await();
    for (int round = 0; round < 3; round++) {
      bench.expect((long) EVENTS / watchers * watchers);
      long startNanos = System.nanoTime();
      for (int i = 0; i < EVENTS / watchers; i++) {
        long at = ++bench.revision;
        bench.hub.changed(at, List.of(bench.event(key(i % 1000), at)));
        while (bench.hub.lag() > 50_000) {
          Thread.onSpinWait(); // the log is not that fast; disk is not what is measured
        }
      }
      bench.await();
      double seconds = (System.nanoTime() - startNanos) / 1e9;
      System.out.printf("%s: %.0f events/s delivered%n", name, EVENTS / seconds);
    }
    bench.close();
  }

  /** The wait for a lock: deletion, then a watcher from a recent revision on, as the Go client. */
  private static void handOver() throws Exception {
    WatchMeasurement bench = new WatchMeasurement();
    bench.watch(WATCHERS, 100);
    LinkedBlockingQueue<Long> arrivals = new LinkedBlockingQueue<>();
    Subscriber stream =
        bench.hub.open(
            bench.new CountingSink() {
              @Override
              public void events(long watchId, long at, List<Event> events, boolean mayFragment) {
                arrivals.add(System.nanoTime());
              }
            });
    int rounds = 5000;
    double[] micros = new double[rounds];
    for (int i = 0; i < rounds; i++) {
      long at = ++bench.revision;
      bench.expect(1);
      bench.hub.changed(at, List.of(new KeyEvent.Deleted(key(i % WATCHERS), at)));
      bench.await();
      long startNanos = System.nanoTime();
      stream.create(0, WatchSpec.of(KeyRange.single(key(i % WATCHERS)), at));
      Long arrival = arrivals.poll(10, TimeUnit.SECONDS);
      if (arrival == null) {
        throw new IllegalStateException("not delivered");
      }
      micros[i] = (arrival - startNanos) / 1e3;
      stream.cancel(i);
    }
    Arrays.sort(micros);
    System.out.printf(
        "watcher with a recent past start, to its event: p50 %.0f us, p99 %.0f us%n",
        micros[rounds / 2], micros[rounds * 99 / 100]);
    bench.close();
  }

  private static void print(String name, double[] millis) {
    double[] late = Arrays.copyOfRange(millis, ROUNDS / 3, ROUNDS);
    Arrays.sort(late);
    System.out.printf(
        "%s: p50 %.1f ms, max %.1f ms%n", name, late[late.length / 2], late[late.length - 1]);
  }
}
