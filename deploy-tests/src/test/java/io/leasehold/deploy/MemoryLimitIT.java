package io.leasehold.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.RenewalLoad;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Members of the compose cluster under a load that fills what their memory limit lets them have.
 */
@Tag("containers")
@Tag("long")
@Timeout(900)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MemoryLimitIT {
  private static final int LEASES = 200_000;
  private static final Duration TTL = Duration.ofMinutes(5);
  private static final Duration RENEWAL_INTERVAL = Duration.ofSeconds(60);
  private static final int IN_FLIGHT_MAX = 256;
  private static final int ROUNDS_MAX = 20;
  private static final long CALL_SECONDS_MAX = 30;
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
      Queue<Long> leases = new ConcurrentLinkedQueue<>();
      untilAllSucceed(
          cluster.members(),
          IntStream.range(0, LEASES).boxed().toList(),
          (member, number) -> grant(member),
          granted -> {
            leases.add(granted.getID());
            load.add(granted.getID());
          });
      untilAllSucceed(
          cluster.members(), List.copyOf(leases), MemoryLimitIT::putKeyOf, answer -> {});
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

  private static ListenableFuture<LeaseGrantResponse> grant(ContainerMember member) {
    return LeaseGrpc.newFutureStub(member.channel())
        .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
        .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(TTL.toSeconds()).build());
  }

  private static ListenableFuture<PutResponse> putKeyOf(ContainerMember member, long lease) {
    return KVGrpc.newFutureStub(member.channel())
        .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
        .put(
            PutRequest.newBuilder()
                .setKey(ByteString.copyFromUtf8("services/" + Long.toHexString(lease)))
                .setValue(VALUE)
                .setLease(lease)
                .build());
  }

  /**
   * Calls members in turn, and again where a call failed, as it may while another one is elected.
   */
  private static <T, A> void untilAllSucceed(
      List<ContainerMember> through,
      List<T> todo,
      BiFunction<ContainerMember, T, ListenableFuture<A>> call,
      Consumer<A> succeeded)
      throws InterruptedException {
    for (int round = 0; !todo.isEmpty(); round++) {
      assertThat(round).as("%d calls fail", todo.size()).isLessThan(ROUNDS_MAX);
      Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
      Queue<T> failed = new ConcurrentLinkedQueue<>();
      for (int i = 0; i < todo.size(); i++) {
        inFlight.acquire();
        T one = todo.get(i);
        Futures.addCallback(
            call.apply(through.get(i % through.size()), one),
            new FutureCallback<>() {
              @Override
              public void onSuccess(A answer) {
                succeeded.accept(answer);
                inFlight.release();
              }

              @Override
              public void onFailure(Throwable cause) {
                failed.add(one);
                inFlight.release();
              }
            },
            Runnable::run);
      }
      inFlight.acquire(IN_FLIGHT_MAX);
      todo = List.copyOf(failed);
    }
  }
}
