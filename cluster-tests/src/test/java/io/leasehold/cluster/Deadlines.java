package io.leasehold.cluster;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * When leases that were renewed in one go will end.
 *
 * @param firstAnswerNanos when the first renewal was answered
 * @param lastAnswerNanos when the last was
 */
record Deadlines(long firstAnswerNanos, long lastAnswerNanos) {
  private static final long MAX_SECONDS = 120;

  long spreadNanos() {
    return lastAnswerNanos - firstAnswerNanos;
  }

  /** Renews each lease once, as fast as one stream to the member goes. */
  static Deadlines renewAll(MemberProcess member, List<Long> leaseIds) throws Exception {
    CountDownLatch answered = new CountDownLatch(leaseIds.size());
    CountDownLatch ended = new CountDownLatch(1);
    AtomicLong first = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    LeaseGrpc.newStub(member.channel())
        .leaseKeepAlive(
            new ClientResponseObserver<LeaseKeepAliveRequest, LeaseKeepAliveResponse>() {
              @Override
              public void beforeStart(ClientCallStreamObserver<LeaseKeepAliveRequest> stream) {
                var ids = leaseIds.iterator();
                stream.setOnReadyHandler(
                    () -> {
                      while (stream.isReady() && ids.hasNext()) {
                        stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(ids.next()).build());
                      }
                    });
              }

              @Override
              public void onNext(LeaseKeepAliveResponse response) {
                first.compareAndSet(0, System.nanoTime());
                if (response.getTTL() <= 0) {
                  refused.incrementAndGet();
                }
                answered.countDown();
              }

              @Override
              public void onError(Throwable failure) {
                ended.countDown();
              }

              @Override
              public void onCompleted() {
                ended.countDown();
              }
            });
    if (!answered.await(MAX_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(answered.getCount() + " renewals without an answer");
    }
    if (refused.get() > 0) {
      throw new AssertionError(refused.get() + " leases had ended before they were renewed");
    }
    return new Deadlines(first.get(), System.nanoTime());
  }
}
