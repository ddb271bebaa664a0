package io.leasehold.client.it;

import io.leasehold.client.ClientStatistics;
import io.leasehold.client.GrantedLease;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseState;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import io.leasehold.cluster.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/**
 * Keeps many leases alive from one client for two TTLs and prints what that takes: {@code bench
 * [leases] [ttl in seconds] [kill]}. With {@code kill} every member is killed once meanwhile.
 */
final class KeptLeasesBench {
  private static final int GRANTS_AT_ONCE = 256;
  private static final int MIB = 1 << 20;

  private KeptLeasesBench() {}

  public static void main(String[] arguments) throws Exception {
    List<String> words = new ArrayList<>(Arrays.asList(arguments));
    boolean isToKill = words.remove("kill");
    int leases = words.isEmpty() ? 100_000 : Integer.parseInt(words.get(0));
    Duration ttl = Duration.ofSeconds(words.size() < 2 ? 30 : Long.parseLong(words.get(1)));
    Path home = Files.createTempDirectory("kept-leases");
    try (Cluster cluster = Cluster.start(Server.LEASEHOLD, home);
        LeaseClient client = LeaseClient.connect(cluster.endpoints())) {
      long heapBefore = usedHeap();
      int threadsBefore = Thread.activeCount();
      List<KeptLease> kept = grant(client, leases, ttl);
      long endNanos = System.nanoTime() + ttl.multipliedBy(2).toNanos();
      if (isToKill) {
        kill(cluster, ttl);
      }
      while (System.nanoTime() - endNanos < 0) {
        Conditions.letPass(ttl.dividedBy(6));
        print(client, kept);
      }
      print(
          "%d leases, TTL %d s: %.1f MiB of heap, %d bytes a lease, %d threads of this JVM (%d"
              + " before)",
          leases,
          ttl.toSeconds(),
          (usedHeap() - heapBefore) / (double) MIB,
          (usedHeap() - heapBefore) / leases,
          Thread.activeCount(),
          threadsBefore);
      long alive = kept.stream().filter(lease -> lease.state() == LeaseState.ALIVE).count();
      print("after two TTLs: %d of %d alive", alive, leases);
    } finally {
      delete(home);
    }
  }

  private static List<KeptLease> grant(LeaseClient client, int leases, Duration ttl)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    Semaphore room = new Semaphore(GRANTS_AT_ONCE);
    List<CompletableFuture<KeptLease>> granted = new ArrayList<>();
    for (int i = 0; i < leases; i++) {
      room.acquire();
      CompletableFuture<GrantedLease> grant = client.leases().grantAsync(ttl);
      granted.add(
          grant
              .whenComplete((lease, failure) -> room.release())
              .thenApply(lease -> client.leases().keepAlive(lease, event -> {})));
    }
    List<KeptLease> kept = granted.stream().map(CompletableFuture::join).toList();
    print("%d leases granted in %.1f s", leases, (System.nanoTime() - startNanos) / 1e9);
    return kept;
  }

  private static void kill(Cluster cluster, Duration ttl) {
    for (MemberProcess member : cluster.members()) {
      member.kill();
      print("%s killed", member.name());
      Conditions.letPass(ttl.dividedBy(3));
      member.start();
      cluster.awaitReady();
    }
  }

  private static void print(LeaseClient client, List<KeptLease> kept) {
    Map<LeaseState, Integer> states = new EnumMap<>(LeaseState.class);
    for (KeptLease lease : kept) {
      states.merge(lease.state(), 1, Integer::sum);
    }
    ClientStatistics statistics = client.statistics();
    print(
        "alive %d, at risk %d, lost %d; %d renewals sent, %d answered, %.2f ms each, %d streams",
        states.getOrDefault(LeaseState.ALIVE, 0),
        states.getOrDefault(LeaseState.AT_RISK, 0),
        states.getOrDefault(LeaseState.LOST, 0),
        statistics.renewalsSent(),
        statistics.renewalsAnswered(),
        statistics.renewalRoundTrips().toNanos() / 1e6 / Math.max(1, statistics.renewalsAnswered()),
        statistics.streamsOpened());
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }

  private static long usedHeap() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static void delete(Path home) throws IOException {
    try (var files = Files.walk(home)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
