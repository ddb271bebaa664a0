package io.leasehold.launch;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Context.CancellableContext;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchGrpc;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.v3lockpb.LockGrpc;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.api.v3lockpb.UnlockRequest;
import java.util.concurrent.TimeUnit;

/** One client of an {@link Exercise}: a lease, what is done with it, and its end, over and over. */
final class ExerciseClient {
  private static final long TTL_SECONDS = 60;
  private static final long CALL_SECONDS_MAX = 20;
  private static final int RENEWALS = 4;

  private final MemberClient member;
  private final ByteString key;
  private final ByteString lock;

  /**
   * @param number every two of them want the same lock
   */
  ExerciseClient(MemberClient member, int number) {
    this.member = member;
    this.key = ByteString.copyFromUtf8("exercise/" + number);
    this.lock = ByteString.copyFromUtf8("exercise-lock/" + number / 2);
  }

  /** Makes requests until {@link System#nanoTime} has reached an end. */
  void run(long endNanos) throws LaunchException {
    CancellableContext watching = Context.current().withCancellation();
    try {
      watching.run(this::watch);
      while (System.nanoTime() - endNanos < 0) {
        round();
      }
    } finally {
      watching.cancel(null);
    }
  }

  private void watch() {
    WatchCreateRequest own = WatchCreateRequest.newBuilder().setKey(key).build();
    WatchGrpc.newStub(member.channel())
        .watch(new Ignoring())
        .onNext(WatchRequest.newBuilder().setCreateRequest(own).build());
  }

  private void round() throws LaunchException {
    long leaseId = member.grant(TTL_SECONDS).getID();
    write(leaseId);
    lockAndUnlock(leaseId);
    for (int i = 0; i < RENEWALS; i++) {
      if (member.renew(leaseId) != TTL_SECONDS) {
        throw new LaunchException("a lease that was granted cannot be renewed");
      }
    }
    if (member.remainingSeconds(leaseId) < 0) {
      throw new LaunchException("a lease that was renewed is not there");
    }
    member.revoke(leaseId);
  }

  private void write(long leaseId) {
    KVGrpc.KVBlockingStub keys =
        KVGrpc.newBlockingStub(member.channel())
            .withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    PutRequest put = PutRequest.newBuilder().setKey(key).setValue(key).setLease(leaseId).build();
    var unusedPut = keys.put(put);
    RangeRequest range = RangeRequest.newBuilder().setKey(key).build();
    var unusedRange = keys.range(range);
    var unusedTxn =
        keys.txn(
            TxnRequest.newBuilder()
                .addCompare(
                    Compare.newBuilder()
                        .setKey(key)
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setCreateRevision(0))
                .addSuccess(RequestOp.newBuilder().setRequestPut(put))
                .addFailure(RequestOp.newBuilder().setRequestRange(range))
                .build());
    var unusedDelete = keys.deleteRange(DeleteRangeRequest.newBuilder().setKey(key).build());
  }

  private void lockAndUnlock(long leaseId) {
    ManagedChannel channel = member.channel();
    LockGrpc.LockBlockingStub locks =
        LockGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
    ByteString held =
        locks.lock(LockRequest.newBuilder().setName(lock).setLease(leaseId).build()).getKey();
    var unused = locks.unlock(UnlockRequest.newBuilder().setKey(held).build());
  }

  /** Only that events are made and sent matters. */
  private static final class Ignoring implements StreamObserver<WatchResponse> {
    @Override
    public void onNext(WatchResponse response) {}

    @Override
    public void onError(Throwable error) {}

    @Override
    public void onCompleted() {}
  }
}
