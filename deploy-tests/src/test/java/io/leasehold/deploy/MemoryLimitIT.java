package io.leasehold.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.Grants;
import io.leasehold.cluster.RenewalLoad;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Members of the compose cluster under a load that fills what their memory limit lets them have.
 */
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemoryLimitIT {
  private static final int LEASES = 200_000;
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Duration RENEWAL_INTERVAL = Duration.ofSeconds(60);
  private static final int IN_FLIGHT_MAX = 256;
  private static final ByteString VALUE = ByteString.copyFrom(new byte[100]);

  @BeforeAll
  void needsAnEngine() {
    Compose.assumeUsable();
  }

  @Test
  void membersWith200000LeasesAndAsManyKeysStayBelowTheirMemoryLimit() throws Exception {
    try (Compose cluster = Compose.start("docker-compose.yml", 3);
        RenewalLoad load = new RenewalLoad(cluster.members(), TTL, RENEWAL_INTERVAL)) {
      long startNanos = System.nanoTime();
      List<Long> leases =
          Grants.many(cluster.members(), LEASES, TTL.toSeconds(), IN_FLIGHT_MAX, load::add);
      putOneKeyEach(cluster.members(), leases);
      double filledSeconds = (System.nanoTime() - startNanos) / 1e9;
      load.resetFigures();
      Conditions.letPass(RENEWAL_INTERVAL);
      Conditions.await(
          "every lease is renewed once more, or one ends",
          RENEWAL_INTERVAL.multipliedBy(2),
          () -> load.answers() >= LEASES || !load.ended().isEmpty());

      System.out.printf("%d leases with a key each after %.0f s%n", LEASES, filledSeconds);
      for (ContainerMember member : cluster.members()) {
        System.out.printf(
            "%s: at most %d MB resident, of a limit of %d MB%n",
            member.name(), cluster.residentPeakMegabytes(member), member.memoryLimitMegabytes());
      }
      assertThat(load.ended()).isEmpty();
      assertThat(cluster.members())
          .allSatisfy(
              member -> {
                assertThat(member.memoryLimitMegabytes()).isPositive();
                assertThat(member.restarts()).as("restarts of %s", member.name()).isZero();
              });
    }
  }

  private static void putOneKeyEach(List<ContainerMember> through, List<Long> leases)
      throws InterruptedException {
    Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
    AtomicLong failures = new AtomicLong();
    for (int i = 0; i < leases.size(); i++) {
      inFlight.acquire();
      long lease = leases.get(i);
      KVGrpc.newStub(through.get(i % through.size()).channel())
          .withDeadlineAfter(30, TimeUnit.SECONDS)
          .put(
              PutRequest.newBuilder()
                  .setKey(ByteString.copyFromUtf8("services/" + Long.toHexString(lease)))
                  .setValue(VALUE)
                  .setLease(lease)
                  .build(),
              new StreamObserver<>() {
                @Override
                public void onNext(PutResponse response) {}

                @Override
                public void onError(Throwable cause) {
                  failures.incrementAndGet();
                  inFlight.release();
                }

                @Override
                public void onCompleted() {
                  inFlight.release();
                }
              });
    }
    inFlight.acquire(IN_FLIGHT_MAX);
    assertThat(failures).hasValue(0);
  }
}
