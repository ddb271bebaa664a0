package io.leasehold.compat;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.lock.LockResponse;
import io.leasehold.client.Bytes;
import io.leasehold.client.DistributedLock;
import io.leasehold.client.KeyRange;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.Session;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A lock of jetcd's and one of our client's by the same name are one lock. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.leasehold.cluster.Server#present")
@Timeout(120)
final class LocksOfBothIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Duration TTL = Duration.ofSeconds(30);

  @TempDir static Path home;
  static Cluster cluster;

  @Parameter Server server;
  private Client jetcd;
  private LeaseClient client;

  @BeforeParameterizedClassInvocation
  static void startCluster(Server chosen) {
    cluster = Cluster.start(chosen, home.resolve(chosen.name()));
  }

  @AfterParameterizedClassInvocation
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    jetcd = JetcdClients.of(cluster.members());
    client = LeaseClient.connect(cluster.endpoints());
  }

  @AfterEach
  void disconnect() {
    client.close();
    jetcd.close();
  }

  @Test
  void jetcdWaitsForOurs() throws Exception {
    String name = "both/ours-first";
    Lock theirs = jetcd.getLockClient();
    long leaseId = jetcd.getLeaseClient().grant(TTL.toSeconds()).get().getID();
    try (Session session = client.openSession(TTL)) {
      DistributedLock ours = session.lock(name);
      assertThat(ours.tryLock(SOON)).isTrue();
      CompletableFuture<LockResponse> waiting = theirs.lock(bytes(name), leaseId);
      awaitInLine(name, 2);
      assertThat(waiting).isNotDone();

      ours.unlock();

      LockResponse held = waiting.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(ours.tryLock()).isFalse();
      theirs.unlock(held.getKey()).get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertThat(ours.tryLock(SOON)).isTrue();
      ours.unlock();
    }
  }

  @Test
  void oursWaitsForJetcd() throws Exception {
    String name = "both/theirs-first";
    Lock theirs = jetcd.getLockClient();
    long leaseId = jetcd.getLeaseClient().grant(TTL.toSeconds()).get().getID();
    LockResponse held = theirs.lock(bytes(name), leaseId).get(SOON.toSeconds(), TimeUnit.SECONDS);
    try (Session session = client.openSession(TTL)) {
      DistributedLock ours = session.lock(name);
      assertThat(ours.tryLock()).isFalse();
      CompletableFuture<Long> waiting =
          CompletableFuture.supplyAsync(
              () -> {
                ours.lock();
                try {
                  return ours.fencingToken();
                } finally {
                  ours.unlock();
                }
              });
      awaitInLine(name, 2);
      assertThat(waiting).isNotDone();

      // The lease's end is what a holder that died leaves behind.
      jetcd.getLeaseClient().revoke(leaseId).get(SOON.toSeconds(), TimeUnit.SECONDS);

      assertThat(waiting.get(SOON.toSeconds(), TimeUnit.SECONDS))
          .isGreaterThan(held.getHeader().getRevision());
    }
  }

  private void awaitInLine(String name, int count) {
    Read line = Read.of(KeyRange.prefix(Bytes.of(name + "/")));
    Conditions.await(
        count + " in line", SOON, () -> client.keys().read(line).entries().size() == count);
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
