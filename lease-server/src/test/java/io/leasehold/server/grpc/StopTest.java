package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.TestCluster;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StopTest {
  @Test
  void memberThatStopsTellsThoseWhoWaitForTheEngine() throws Exception {
    try (TestCluster cluster = TestCluster.start("n1")) {
      cluster.replica("n1").holdApply(true);
      ByteString key = ByteString.copyFromUtf8("key");
      ListenableFuture<PutResponse> waiting =
          KVGrpc.newFutureStub(cluster.channel("n1"))
              .put(PutRequest.newBuilder().setKey(key).setValue(key).build());
      Await.until(() -> cluster.metric("n1", "leasehold_requests_waiting") == 1);

      cluster.server("n1").close();

      Status status = null;
      try {
        PutResponse unexpected = waiting.get();
        assertThat(unexpected).isNull();
      } catch (ExecutionException e) {
        status = Status.fromThrowable(e);
      }
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      // gRPC's own words would say that the server was shut down over the call.
      assertThat(status.getDescription())
          .isEqualTo(EtcdError.of(RequestFailure.STOPPING).status().getDescription());
    }
  }
}
