package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.Status;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Members that are told to stop. */
@Timeout(180)
final class StoppingIT {
  /** Time enough for a follower to find that its leader is gone. */
  private static final Duration LEADER_MISSED = Duration.ofSeconds(3);

  @TempDir Path home;

  @Test
  void memberWhoseRequestsWaitForALeaderStopsAndSaysSo() throws InterruptedException {
    try (Cluster cluster = Cluster.start(home)) {
      MemberProcess last = cluster.follower();
      List<MemberProcess> others =
          cluster.members().stream().filter(member -> member != last).toList();
      others.forEach(MemberProcess::kill);
      Conditions.letPass(LEADER_MISSED);
      ListenableFuture<LeaseGrantResponse> waiting =
          LeaseGrpc.newFutureStub(last.channel())
              .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build());
      // Until it is on its way to the router.
      Conditions.letPass(Duration.ofMillis(500));
      assertThat(waiting).isNotDone();

      assertThat(last.stop()).as(last.lastLines()).isZero();

      assertThat(last.logText()).doesNotContain("Exception").contains("stopped");
      assertThatThrownBy(() -> waiting.get(5, TimeUnit.SECONDS))
          .hasCauseInstanceOf(io.grpc.StatusRuntimeException.class)
          .satisfies(
              failure ->
                  assertThat(Status.fromThrowable(failure).getCode())
                      .isEqualTo(Status.Code.UNAVAILABLE));
    }
  }
}
