package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.Comparison;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.OpResult;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.Txn;
import io.leasehold.core.key.TxnResult;
import io.leasehold.server.message.KeyValueMessage;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyMessagesTest {
  private static final KeyValue KEY_VALUE =
      new KeyValue(Bytes.utf8("k"), Bytes.utf8("v"), 2, 5, 3, -7);

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  @Test
  void everyFieldOfARangeRequestArrives() {
    RangeQuery query =
        KeyMessages.query(
            RangeRequest.newBuilder()
                .setKey(bytes("a"))
                .setRangeEnd(bytes("b"))
                .setLimit(3)
                .setRevision(4)
                .setSortOrder(RangeRequest.SortOrder.DESCEND)
                .setSortTarget(RangeRequest.SortTarget.VALUE)
                .setKeysOnly(true)
                .setCountOnly(true)
                .setMinModRevision(5)
                .setMaxModRevision(6)
                .setMinCreateRevision(7)
                .setMaxCreateRevision(8)
                .build());
    assertThat(query)
        .isEqualTo(
            new RangeQuery(
                new KeyRange(Bytes.utf8("a"), Bytes.utf8("b")),
                4,
                3,
                RangeQuery.SortTarget.VALUE,
                RangeQuery.SortOrder.DESCEND,
                5,
                6,
                7,
                8,
                true,
                true));
  }

  @Test
  void everyFieldOfATransactionArrives() {
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(bytes("c"))
                    .setRangeEnd(bytes("d"))
                    .setTarget(Compare.CompareTarget.LEASE)
                    .setResult(Compare.CompareResult.NOT_EQUAL)
                    .setLease(9))
            .addCompare(
                Compare.newBuilder()
                    .setKey(bytes("c"))
                    .setTarget(Compare.CompareTarget.VALUE)
                    .setResult(Compare.CompareResult.GREATER)
                    .setValue(bytes("x")))
            .addSuccess(
                RequestOp.newBuilder()
                    .setRequestPut(
                        PutRequest.newBuilder()
                            .setKey(bytes("k"))
                            .setValue(bytes("v"))
                            .setLease(-3)
                            .setPrevKv(true)
                            .setIgnoreLease(true)))
            .addFailure(
                RequestOp.newBuilder()
                    .setRequestTxn(
                        TxnRequest.newBuilder()
                            .addSuccess(
                                RequestOp.newBuilder()
                                    .setRequestDeleteRange(
                                        DeleteRangeRequest.newBuilder()
                                            .setKey(bytes("\0"))
                                            .setRangeEnd(bytes("\0"))
                                            .setPrevKv(true)))))
            .build();
    assertThat(KeyMessages.txn(request))
        .isEqualTo(
            new Txn(
                List.of(
                    new Comparison(
                        new KeyRange(Bytes.utf8("c"), Bytes.utf8("d")),
                        Comparison.Target.LEASE,
                        Comparison.Relation.NOT_EQUAL,
                        9,
                        Bytes.EMPTY),
                    new Comparison(
                        KeyRange.single(Bytes.utf8("c")),
                        Comparison.Target.VALUE,
                        Comparison.Relation.GREATER,
                        0,
                        Bytes.utf8("x"))),
                List.of(new Op.Put(Bytes.utf8("k"), Bytes.utf8("v"), -3, false, true, true)),
                List.of(
                    new Op.Nested(
                        Txn.of(new Op.DeleteRange(new KeyRange(Bytes.utf8("\0"), null), true))))));
  }

  @Test
  void aNumberGivenForAnotherTargetCountsAsNone() {
    TxnRequest request =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(bytes("c"))
                    .setTarget(Compare.CompareTarget.MOD)
                    .setVersion(5))
            .build();
    assertThat(KeyMessages.txn(request).comparisons().get(0).number()).isZero();
  }

  @Test
  void valuesAreNotCopiedOnTheWayOut() {
    byte[] array = {1, 2, 3};
    ByteString field = KeyMessages.field(Bytes.wrap(array));
    array[0] = 9;
    assertThat(field.byteAt(0)).isEqualTo((byte) 9);
  }

  @Test
  void everyFieldOfAKeyArrives() {
    assertThat(KeyValueMessage.of(KEY_VALUE))
        .isEqualTo(
            io.leasehold.api.mvccpb.KeyValue.newBuilder()
                .setKey(bytes("k"))
                .setValue(bytes("v"))
                .setCreateRevision(2)
                .setModRevision(5)
                .setVersion(3)
                .setLease(-7)
                .build());
  }

  @Test
  void c66_answersWithinATransactionTellTheRevisionTheyWereGivenAt() {
    OpResult.Range range = new OpResult.Range(List.of(KEY_VALUE), 1, false);
    TxnResponse response =
        KeyMessages.txnResponse(
            new TxnResult(
                true,
                List.of(
                    range,
                    new OpResult.DeleteRange(0, List.of()),
                    new OpResult.Nested(
                        new TxnResult(false, List.of(range, new OpResult.Put(KEY_VALUE)))),
                    range)),
            ResponseHeader.newBuilder().setMemberId(3).setRevision(8).build());
    assertThat(response.getSucceeded()).isTrue();
    assertThat(response.getHeader().getRevision()).isEqualTo(8);
    assertThat(response.getResponses(0).getResponseRange().getHeader())
        .isEqualTo(ResponseHeader.newBuilder().setRevision(7).build());
    assertThat(response.getResponses(1).getResponseDeleteRange().getHeader().getRevision())
        .isEqualTo(7);
    TxnResponse nested = response.getResponses(2).getResponseTxn();
    assertThat(nested.hasHeader()).isTrue();
    assertThat(nested.getHeader()).as("as in etcd").isEqualTo(ResponseHeader.getDefaultInstance());
    assertThat(nested.getSucceeded()).isFalse();
    assertThat(nested.getResponses(0).getResponseRange().getHeader().getRevision()).isEqualTo(7);
    assertThat(nested.getResponses(1).getResponsePut().getHeader().getRevision()).isEqualTo(8);
    assertThat(nested.getResponses(1).getResponsePut().getPrevKv())
        .isEqualTo(KeyValueMessage.of(KEY_VALUE));
    assertThat(response.getResponses(3).getResponseRange().getHeader().getRevision()).isEqualTo(8);
  }

  @Test
  void c66_answersWithinATransactionThatChangedNothingTellItsRevision() {
    TxnResponse response =
        KeyMessages.txnResponse(
            new TxnResult(false, List.of(new OpResult.Range(List.of(), 0, false))),
            ResponseHeader.newBuilder().setRevision(8).build());
    assertThat(response.getResponses(0).getResponseRange().getHeader().getRevision()).isEqualTo(8);
  }

  @Test
  void c74_aTransactionIsSerializableWhenAllItsRangesAre() {
    RequestOp stale =
        RequestOp.newBuilder()
            .setRequestRange(RangeRequest.newBuilder().setKey(bytes("a")).setSerializable(true))
            .build();
    RequestOp fresh =
        RequestOp.newBuilder()
            .setRequestRange(RangeRequest.newBuilder().setKey(bytes("a")))
            .build();
    TxnRequest.Builder txn = TxnRequest.newBuilder().addSuccess(stale);
    assertThat(KeyMessages.isSerializable(txn.build())).isTrue();
    assertThat(KeyMessages.isSerializable(txn.clone().addFailure(fresh).build())).isFalse();
    assertThat(
            KeyMessages.isSerializable(
                txn.clone()
                    .addFailure(
                        RequestOp.newBuilder()
                            .setRequestTxn(TxnRequest.newBuilder().addSuccess(fresh)))
                    .build()))
        .isFalse();
  }
}
