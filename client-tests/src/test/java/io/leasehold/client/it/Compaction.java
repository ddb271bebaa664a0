package io.leasehold.client.it;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.cluster.MemberProcess;
import java.util.concurrent.TimeUnit;

/** What the client has no call for, over another gRPC than its own. */
final class Compaction {
  private static final long CALL_SECONDS_MAX = 10;

  private Compaction() {}

  static void compact(MemberProcess member, long revision) {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(member.endpoint()).usePlaintext().build();
    try {
      var unused =
          KVGrpc.newBlockingStub(channel)
              .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS)
              .compact(
                  CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
    } finally {
      channel.shutdownNow();
    }
  }
}
