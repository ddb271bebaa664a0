package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.server.fake.TestCluster;
import io.leasehold.server.fake.WatchClient;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that was started and does not know yet what has been committed. */
@Timeout(60)
final class RecoveryTest {
  private static final long NOT_AT_ONCE_MILLIS = 500;
  private static final ByteString KEY = ByteString.copyFromUtf8("a");

  private TestCluster cluster;
  private ManagedChannel channel;

  @BeforeEach
  void startWithoutLeader() throws Exception {
    cluster = TestCluster.startWithoutLeader("n1");
    channel = cluster.channel("n1");
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void itSaysHowItIsAndShowsNoKeysThatMayBeLongOutdated() throws Exception {
    ListenableFuture<RangeResponse> read =
        KVGrpc.newFutureStub(channel)
            .range(RangeRequest.newBuilder().setKey(KEY).setSerializable(true).build());
    assertThat(
            MaintenanceGrpc.newBlockingStub(channel)
                .status(StatusRequest.getDefaultInstance())
                .getLeader())
        .isZero();
    assertThatThrownBy(() -> read.get(NOT_AT_ONCE_MILLIS, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    cluster.elect("n1");

    assertThat(read.get(20, TimeUnit.SECONDS).getCount()).isZero();
  }

  @Test
  void aWatchFromNowOnBeginsWhenItKnowsWhatIsNow() throws Exception {
    WatchClient watch = WatchClient.open(channel);
    watch.create(WatchClient.key("a", 0));
    // Later than the request above, and answered on the same connection.
    ListenableFuture<RangeResponse> read =
        KVGrpc.newFutureStub(channel)
            .range(RangeRequest.newBuilder().setKey(KEY).setSerializable(true).build());
    assertThatThrownBy(() -> read.get(NOT_AT_ONCE_MILLIS, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
    assertThat(watch.waiting()).isZero();

    cluster.elect("n1");

    assertThat(watch.next().getCreated()).isTrue();
    long revision =
        cluster
            .keys("n1")
            .put(PutRequest.newBuilder().setKey(KEY).build())
            .getHeader()
            .getRevision();
    assertThat(watch.next().getEvents(0).getKv().getModRevision()).isEqualTo(revision);
  }
}
