package io.leasehold.cluster;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Very many keys on one lease. */
final class AttachedKeys {
  private static final int PUTS_PER_TXN = 100;
  private static final int IN_FLIGHT = 16;
  private static final long CALL_SECONDS_MAX = 30;
  private static final int FIRST_NUMBER = 1_000_000;
  private static final ByteString VALUE =
      ByteString.copyFromUtf8(
          "{\"address\": \"10.11.12.13:14151\", \"zone\": \"b\", \"weight\": 100}");

  private final String prefix;
  private final int count;

  /**
   * @param count a multiple of a hundred
   */
  AttachedKeys(String prefix, int count) {
    this.prefix = prefix;
    this.count = count;
  }

  /** Writes the keys. */
  void attach(MemberProcess member, long leaseId) throws Exception {
    KVGrpc.KVFutureStub keys = KVGrpc.newFutureStub(member.channel());
    ArrayDeque<ListenableFuture<?>> inFlight = new ArrayDeque<>();
    for (int from = 0; from < count; from += PUTS_PER_TXN) {
      TxnRequest.Builder txn = TxnRequest.newBuilder();
      for (int i = from; i < from + PUTS_PER_TXN; i++) {
        txn.addSuccess(
            RequestOp.newBuilder()
                .setRequestPut(
                    PutRequest.newBuilder().setKey(key(i)).setValue(VALUE).setLease(leaseId)));
      }
      inFlight.add(keys.withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS).txn(txn.build()));
      if (inFlight.size() >= IN_FLIGHT) {
        Objects.requireNonNull(inFlight.poll()).get();
      }
    }
    for (ListenableFuture<?> call : inFlight) {
      call.get();
    }
  }

  /** Returns how many are there on this member, as far as it has come. */
  long left(MemberProcess member) {
    return Keys.of(member)
        .range(
            RangeRequest.newBuilder()
                .setKey(Keys.bytes(prefix))
                .setRangeEnd(Keys.endOf(prefix))
                .setCountOnly(true)
                .setSerializable(true)
                .build())
        .getCount();
  }

  /** Tells whether a member, as far as it has come, has none. Costs it next to nothing. */
  boolean areGone(MemberProcess member) {
    RangeRequest first = RangeRequest.newBuilder().setKey(key(0)).setSerializable(true).build();
    return Keys.of(member).range(first).getKvsCount() == 0;
  }

  private ByteString key(int number) {
    return Keys.bytes(prefix + "instance-" + (FIRST_NUMBER + number));
  }
}
