package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A suite of the wire contract's behaviours, through each member of one cluster. Keys of a test
 * begin with a prefix of its own; nothing else writes while it runs, and it leaves no lease behind.
 */
@Timeout(180)
abstract class OnEachMember {
  private static final long ANSWER_SECONDS_MAX = 10;

  @TempDir static Path home;
  static Cluster cluster;
  private static int tests;

  final String prefix = "test" + ++tests + "/";

  /** The member that the test goes through. */
  MemberProcess member;

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** Whatever a test did, members agree on the outcome. */
  @AfterEach
  void leasesEndAndStatesAreEqual() {
    cluster.assertAllRun();
    List<Future<LeaseRevokeResponse>> revokes =
        Cluster.leaseIds(cluster.leader()).stream()
            .map(lease -> revokeLater(cluster.member(0), lease))
            .toList();
    revokes.forEach(OnEachMember::assertEndedByNow);
    assertThat(cluster.awaitEqualStates(Duration.ofSeconds(30))).isNotNull();
  }

  private static void assertEndedByNow(Future<LeaseRevokeResponse> revoke) {
    try {
      assertThat(answerOf(revoke).hasHeader()).isTrue();
    } catch (StatusRuntimeException e) {
      // It may have expired since it was listed.
      assertThat(e.getStatus().getCode()).isEqualTo(Code.NOT_FOUND);
    }
  }

  final void through(int index) {
    member = cluster.member(index);
  }

  static List<MemberProcess> othersThan(MemberProcess member) {
    return cluster.members().stream().filter(other -> other != member).toList();
  }

  final String key(String name) {
    return prefix + name;
  }

  /** Ends a lease and returns the revision. */
  static long revoke(MemberProcess through, long lease) {
    return through
        .leases()
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build())
        .getHeader()
        .getRevision();
  }

  static Future<LeaseRevokeResponse> revokeLater(MemberProcess through, long lease) {
    return LeaseGrpc.newFutureStub(through.channel())
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
  }

  /** Waits for the answer to a call, or throws what it was refused with. */
  static <T> T answerOf(Future<T> call) {
    try {
      return call.get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof StatusRuntimeException refused) {
        throw refused;
      }
      throw new AssertionError(e);
    } catch (TimeoutException e) {
      throw new AssertionError("no answer within " + ANSWER_SECONDS_MAX + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  static void assertRefused(ThrowingCallable call, Code code, String text) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refused).isNotNull();
    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    assertThat(refused.getStatus().getDescription()).isEqualTo(text);
  }
}
