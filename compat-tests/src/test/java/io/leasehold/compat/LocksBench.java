package io.leasehold.compat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lock;
import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Session;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Takes locks and gives them back through jetcd and through our client, on the same members, and
 * prints how long that takes: {@code bench [seconds] [LEASEHOLD|ETCD]}. The two take turns, twice.
 */
final class LocksBench {
  private static final Duration TTL = Duration.ofSeconds(60);
  private static final int CONTENDERS = 64;
  private static final int ROUNDS = 2;

  private final Duration time;
  private final Cluster cluster;
  private int names;

  private LocksBench(Duration time, Cluster cluster) {
    this.time = time;
    this.cluster = cluster;
  }

  public static void main(String[] arguments) throws Exception {
    Duration time = Duration.ofSeconds(arguments.length < 1 ? 10 : Long.parseLong(arguments[0]));
    Server server = arguments.length < 2 ? Server.LEASEHOLD : Server.valueOf(arguments[1]);
    Path home = Files.createTempDirectory("locks-bench");
    try (Cluster cluster = Cluster.start(server, home)) {
      new LocksBench(time, cluster).run(server);
    } finally {
      delete(home);
    }
    // Not all of jetcd's threads end.
    System.exit(0);
  }

  private void run(Server server) throws Exception {
    print("%s, %d s each, the first turn warms up", server, time.toSeconds());
    for (int turn = 0; turn <= ROUNDS; turn++) {
      measure(turn, "jetcd", 1);
      measure(turn, "lease-client", 1);
      measure(turn, "jetcd", CONTENDERS);
      measure(turn, "lease-client", CONTENDERS);
    }
  }

  private void measure(int turn, String client, int contenders) throws Exception {
    String name = "bench/" + names++;
    List<Holder> holders = new ArrayList<>();
    try (Client jetcd = JetcdClients.of(cluster.members());
        LeaseClient ours = LeaseClient.connect(cluster.endpoints())) {
      for (int i = 0; i < contenders; i++) {
        holders.add(client.equals("jetcd") ? new Theirs(jetcd, name) : new Ours(ours, name));
      }
      Turns turns = new Turns(time.toNanos());
      List<Thread> threads = holders.stream().map(turns::start).toList();
      turns.begin();
      for (Thread thread : threads) {
        thread.join();
      }
      print(
          "%d %-12s %2d contenders: %7.0f times a second, lock and unlock p50 %8.2f ms, p99 %8.2f ms",
          turn, client, contenders, turns.rate(), turns.millis(0.5), turns.millis(0.99));
      for (Holder holder : holders) {
        holder.leave();
      }
    }
  }

  /** Takes the lock, and gives it back. */
  private interface Holder {
    void takeAndGiveBack() throws Exception;

    void leave() throws Exception;
  }

  /** As jetcd's users do: a lease each. */
  private static final class Theirs implements Holder {
    private final Client client;
    private final Lock locks;
    private final ByteSequence name;
    private final long leaseId;

    Theirs(Client client, String name) throws Exception {
      this.client = client;
      this.locks = client.getLockClient();
      this.name = ByteSequence.from(name, StandardCharsets.UTF_8);
      this.leaseId = client.getLeaseClient().grant(TTL.toSeconds()).get().getID();
    }

    @Override
    public void takeAndGiveBack() throws Exception {
      locks.unlock(locks.lock(name, leaseId).get().getKey()).get();
    }

    @Override
    public void leave() throws Exception {
      client.getLeaseClient().revoke(leaseId).get();
    }
  }

  /** A session each. */
  private static final class Ours implements Holder {
    private final Session session;
    private final DistributedLock lock;

    Ours(LeaseClient client, String name) {
      this.session = client.openSession(TTL);
      this.lock = session.lock(name);
    }

    @Override
    @SuppressWarnings("LockNotBeforeTry") // nothing is done under it
    public void takeAndGiveBack() {
      lock.lock();
      lock.unlock();
    }

    @Override
    public void leave() {
      session.close();
    }
  }

  /** What the contenders did in the time there was. */
  private static final class Turns {
    private final CountDownLatch begin = new CountDownLatch(1);
    private final List<long[]> measured = new ArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final long nanosMax;
    private volatile long endNanos;

    Turns(long nanosMax) {
      this.nanosMax = nanosMax;
    }

    void begin() {
      endNanos = System.nanoTime() + nanosMax;
      begin.countDown();
    }

    Thread start(Holder holder) {
      Thread thread = new Thread(() -> run(holder), "contender");
      thread.start();
      return thread;
    }

    private void run(Holder holder) {
      long[] nanos = new long[1 << 16];
      int count = 0;
      try {
        begin.await();
        while (System.nanoTime() - endNanos < 0 && count < nanos.length) {
          long startNanos = System.nanoTime();
          holder.takeAndGiveBack();
          nanos[count++] = System.nanoTime() - startNanos;
        }
      } catch (Exception e) {
        failures.incrementAndGet();
        print("failed: %s", e);
      }
      synchronized (measured) {
        measured.add(Arrays.copyOf(nanos, count));
      }
    }

    double rate() {
      return all().length * 1e9 / nanosMax;
    }

    double millis(double share) {
      long[] all = all();
      return all.length == 0 ? Double.NaN : all[(int) ((all.length - 1) * share)] / 1e6;
    }

    private long[] all() {
      return measured.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    }
  }

  private static void print(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private static void delete(Path home) throws IOException {
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
