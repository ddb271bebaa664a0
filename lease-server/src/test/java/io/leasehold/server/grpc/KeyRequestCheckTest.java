package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Refusals that need nothing but the request; the numbers are those of the wire contract. */
final class KeyRequestCheckTest {
  private static final int BYTES_MAX = 4096;

  private final KeyRequestCheck check = new KeyRequestCheck(128, BYTES_MAX);

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static RequestOp put(String key) {
    return RequestOp.newBuilder().setRequestPut(PutRequest.newBuilder().setKey(bytes(key))).build();
  }

  private static RequestOp delete(String key, String end) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(
            DeleteRangeRequest.newBuilder().setKey(bytes(key)).setRangeEnd(bytes(end)))
        .build();
  }

  private static RequestOp range(String key) {
    return RequestOp.newBuilder()
        .setRequestRange(RangeRequest.newBuilder().setKey(bytes(key)))
        .build();
  }

  private static RequestOp nested(TxnRequest txn) {
    return RequestOp.newBuilder().setRequestTxn(txn).build();
  }

  private static TxnRequest then(RequestOp... operations) {
    return TxnRequest.newBuilder().addAllSuccess(List.of(operations)).build();
  }

  private static TxnRequest orElse(RequestOp... operations) {
    return TxnRequest.newBuilder().addAllFailure(List.of(operations)).build();
  }

  private static RequestOp[] puts(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> put(prefix + i)).toArray(RequestOp[]::new);
  }

  @Test
  void aKeyIsNeededEverywhere() {
    assertThat(check.range(RangeRequest.getDefaultInstance())).isEqualTo(EtcdError.EMPTY_KEY);
    assertThat(check.put(PutRequest.getDefaultInstance())).isEqualTo(EtcdError.EMPTY_KEY);
    assertThat(check.deleteRange(DeleteRangeRequest.newBuilder().setRangeEnd(bytes("x")).build()))
        .isEqualTo(EtcdError.EMPTY_KEY);
    for (RequestOp operation : List.of(put(""), delete("", ""), range(""))) {
      assertThat(check.txn(then(operation))).isEqualTo(EtcdError.EMPTY_KEY);
      assertThat(check.txn(orElse(nested(then(operation))))).isEqualTo(EtcdError.EMPTY_KEY);
    }
    assertThat(check.txn(TxnRequest.newBuilder().addCompare(Compare.getDefaultInstance()).build()))
        .isEqualTo(EtcdError.EMPTY_KEY);
  }

  @Test
  void sortOrderAndTargetMustExist() {
    RangeRequest.Builder range = RangeRequest.newBuilder().setKey(bytes("a"));
    assertThat(check.range(range.build())).isNull();
    assertThat(check.range(range.clone().setSortOrderValue(3).build()))
        .isEqualTo(EtcdError.INVALID_SORT);
    assertThat(check.range(range.clone().setSortTargetValue(-1).build()))
        .isEqualTo(EtcdError.INVALID_SORT);
  }

  @Test
  void relationAndTargetOfAComparisonMustExist() {
    Compare.Builder comparison = Compare.newBuilder().setKey(bytes("a"));
    assertThat(check.txn(TxnRequest.newBuilder().addCompare(comparison).build())).isNull();
    assertThat(
            check.txn(
                TxnRequest.newBuilder().addCompare(comparison.clone().setResultValue(9)).build()))
        .isEqualTo(EtcdError.UNKNOWN_COMPARISON);
    assertThat(
            check.txn(
                TxnRequest.newBuilder().addCompare(comparison.clone().setTargetValue(9)).build()))
        .isEqualTo(EtcdError.UNKNOWN_COMPARISON);
  }

  @Test
  void c58_whatIsToBeKeptMustNotBeGiven() {
    PutRequest.Builder put = PutRequest.newBuilder().setKey(bytes("a"));
    assertThat(check.put(put.clone().setIgnoreLease(true).setLease(1).build()))
        .isEqualTo(EtcdError.LEASE_PROVIDED);
    assertThat(check.put(put.clone().setIgnoreValue(true).setValue(bytes("v")).build()))
        .isEqualTo(EtcdError.VALUE_PROVIDED);
    assertThat(check.put(put.clone().setIgnoreValue(true).setIgnoreLease(true).build())).isNull();
  }

  @Test
  void c71_aHundredAndTwentyEightOperationsAreAllowedAndOneMoreIsNot() {
    assertThat(check.txn(then(puts("k", 128)))).isNull();
    assertThat(check.txn(then(puts("k", 129)))).isEqualTo(EtcdError.TOO_MANY_OPERATIONS);
    assertThat(check.txn(orElse(puts("k", 129)))).isEqualTo(EtcdError.TOO_MANY_OPERATIONS);
    TxnRequest.Builder comparing = TxnRequest.newBuilder();
    for (int i = 0; i < 129; i++) {
      comparing.addCompare(Compare.newBuilder().setKey(bytes("k" + i)));
    }
    assertThat(check.txn(comparing.build())).isEqualTo(EtcdError.TOO_MANY_OPERATIONS);
  }

  @Test
  void c71_aNestedTransactionMayUseWhatTheLongestListOfTheOuterOneLeft() {
    TxnRequest.Builder outer = TxnRequest.newBuilder().addAllFailure(List.of(puts("outer", 100)));
    assertThat(check.txn(outer.clone().addSuccess(nested(then(puts("k", 28)))).build())).isNull();
    assertThat(check.txn(outer.clone().addSuccess(nested(then(puts("k", 29)))).build()))
        .isEqualTo(EtcdError.TOO_MANY_OPERATIONS);
  }

  @Test
  void nestingThatNoLogEntryCouldHoldIsRefused() {
    TxnRequest txn = then(put("a"));
    for (int depth = 0; depth < 24; depth++) {
      txn = then(nested(txn));
    }
    assertThat(check.txn(txn)).isNull();
    assertThat(check.txn(then(nested(txn)))).isEqualTo(EtcdError.TOO_MANY_OPERATIONS);
  }

  @Test
  void c72_aKeyIsPutAtMostOnceInABranch() {
    assertThat(check.txn(then(put("a"), put("a")))).isEqualTo(EtcdError.DUPLICATE_KEY);
    assertThat(check.txn(orElse(put("a"), put("a")))).isEqualTo(EtcdError.DUPLICATE_KEY);
    assertThat(check.txn(then(put("a"), put("b")))).isNull();
    assertThat(check.txn(then(put("a")).toBuilder().addFailure(put("a")).build())).isNull();
  }

  @Test
  void c72_aPutAndADeleteDoNotOverlapWhicheverComesFirst() {
    for (RequestOp delete :
        List.of(
            delete("b", ""),
            delete("a", "c"),
            delete("a", "\0"),
            delete("\0", "\0"),
            delete("b", "b\0"))) {
      assertThat(check.txn(then(put("b"), delete))).isEqualTo(EtcdError.DUPLICATE_KEY);
      assertThat(check.txn(then(delete, put("b")))).isEqualTo(EtcdError.DUPLICATE_KEY);
    }
    for (RequestOp delete :
        List.of(
            delete("a", ""),
            delete("a", "b"),
            delete("b\0", ""),
            delete("c", "\0"),
            delete("c", "a"))) {
      assertThat(check.txn(then(put("b"), delete))).isNull();
    }
  }

  @Test
  void c72_deletesMayOverlapEachOther() {
    assertThat(check.txn(then(delete("a", "m"), delete("c", "z"), delete("c", "z")))).isNull();
    RequestOp[] overlapping = {delete("a", "c"), delete("g", "i"), delete("b", "h"), put("e")};
    assertThat(check.txn(then(overlapping))).isEqualTo(EtcdError.DUPLICATE_KEY);
    RequestOp[] apart = {delete("a", "c"), delete("g", "i"), delete("b", "d"), put("e")};
    assertThat(check.txn(then(apart))).isNull();
  }

  @Test
  void c72_nestedWritesCountForTheTransactionAroundThem() {
    assertThat(check.txn(then(put("a"), nested(then(put("a"))))))
        .isEqualTo(EtcdError.DUPLICATE_KEY);
    assertThat(check.txn(then(nested(orElse(put("a"))), nested(then(put("a"))))))
        .isEqualTo(EtcdError.DUPLICATE_KEY);
    assertThat(check.txn(then(put("a"), nested(then(delete("a", ""))))))
        .isEqualTo(EtcdError.DUPLICATE_KEY);
    assertThat(check.txn(then(nested(then(put("a"))), delete("a", "b"))))
        .isEqualTo(EtcdError.DUPLICATE_KEY);
    TxnRequest bothBranches = then(put("a")).toBuilder().addFailure(put("a")).build();
    assertThat(check.txn(then(nested(bothBranches)))).isNull();
    assertThat(check.txn(then(nested(bothBranches), put("a")))).isEqualTo(EtcdError.DUPLICATE_KEY);
  }

  @Test
  void c74_anEmptyOperationIsKeyNotFound() {
    assertThat(check.txn(then(RequestOp.getDefaultInstance()))).isEqualTo(EtcdError.KEY_NOT_FOUND);
    assertThat(check.txn(orElse(nested(then(RequestOp.getDefaultInstance())))))
        .isEqualTo(EtcdError.KEY_NOT_FOUND);
  }

  @Test
  void requestsThatWriteAreBoundedInSize() {
    ByteString large = ByteString.copyFrom(new byte[BYTES_MAX]);
    assertThat(check.put(PutRequest.newBuilder().setKey(bytes("a")).setValue(large).build()))
        .isEqualTo(EtcdError.REQUEST_TOO_LARGE);
    assertThat(check.deleteRange(DeleteRangeRequest.newBuilder().setKey(large).build()))
        .isEqualTo(EtcdError.REQUEST_TOO_LARGE);
    assertThat(
            check.txn(
                TxnRequest.newBuilder()
                    .addCompare(Compare.newBuilder().setKey(bytes("a")).setValue(large))
                    .build()))
        .isEqualTo(EtcdError.REQUEST_TOO_LARGE);
    PutRequest.Builder fits = PutRequest.newBuilder().setKey(bytes("a"));
    int overhead = fits.clone().setValue(large).build().getSerializedSize() - BYTES_MAX;
    assertThat(check.put(fits.setValue(large.substring(overhead)).build())).isNull();
  }

  /** Whoever sends what is legal in size must not be able to hold a thread for long. */
  @Test
  @Timeout(20)
  void manyPutsAndDeletesAreCheckedInNoTime() {
    KeyRequestCheck wide = new KeyRequestCheck(1 << 20, 64 << 20);
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < 50_000; i++) {
      txn.addSuccess(put("p" + i)).addSuccess(delete("d" + i, "d" + i + "\0"));
    }
    assertThat(wide.txn(txn.build())).isNull();
  }
}
