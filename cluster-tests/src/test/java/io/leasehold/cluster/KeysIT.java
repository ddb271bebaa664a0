package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.Compare.CompareResult;
import io.leasehold.api.etcdserverpb.Compare.CompareTarget;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeRequest.SortOrder;
import io.leasehold.api.etcdserverpb.RangeRequest.SortTarget;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.mvccpb.KeyValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Behaviours 52 to 85 of the wire contract, through each member of one cluster. Keys of a test
 * begin with a prefix of its own; nothing else writes while it runs.
 */
@Timeout(180)
final class KeysIT {
  private static final long TTL_SECONDS = 600;

  @TempDir static Path home;

  private static Cluster cluster;
  private static int tests;

  private final String prefix = "test" + ++tests + "/";
  private MemberProcess member;

  @BeforeAll
  static void start() {
    cluster = Cluster.start(home);
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  /** Whatever a test did, members agree on the outcome. */
  @AfterEach
  void statesAreEqual() {
    assertThat(cluster.awaitEqualStates(Duration.ofSeconds(30))).isNotNull();
  }

  private void through(int index) {
    member = cluster.member(index);
  }

  private ByteString key(String name) {
    return ByteString.copyFromUtf8(prefix + name);
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private PutRequest.Builder putOf(String name, String value) {
    return PutRequest.newBuilder().setKey(key(name)).setValue(bytes(value));
  }

  private PutResponse put(PutRequest.Builder put) {
    return member.keys().put(put.build());
  }

  private long put(String name, String value) {
    return put(putOf(name, value)).getHeader().getRevision();
  }

  private void put(String name, long leaseId) {
    assertThat(put(putOf(name, "v").setLease(leaseId)).hasHeader()).isTrue();
  }

  private RangeRequest.Builder rangeOf(String name) {
    return RangeRequest.newBuilder().setKey(key(name));
  }

  /** Returns the range of all keys of this test. */
  private RangeRequest.Builder all() {
    return RangeRequest.newBuilder().setKey(key("")).setRangeEnd(endOfPrefix());
  }

  private ByteString endOfPrefix() {
    return ByteString.copyFromUtf8(prefix.substring(0, prefix.length() - 1) + "0");
  }

  private RangeResponse range(RangeRequest.Builder range) {
    return member.keys().range(range.build());
  }

  private KeyValue get(String name) {
    RangeResponse response = range(rangeOf(name));
    assertThat(response.getKvsCount()).as(name).isEqualTo(1);
    return response.getKvs(0);
  }

  private boolean exists(String name) {
    return range(rangeOf(name)).getCount() == 1;
  }

  private List<String> names(RangeResponse response) {
    return response.getKvsList().stream()
        .map(keyValue -> keyValue.getKey().toStringUtf8().substring(prefix.length()))
        .toList();
  }

  private DeleteRangeResponse delete(String name) {
    return member
        .keys()
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(key(name)).setPrevKv(true).build());
  }

  private TxnResponse txn(TxnRequest.Builder txn) {
    return member.keys().txn(txn.build());
  }

  private RequestOp putOp(String name, String value) {
    return RequestOp.newBuilder().setRequestPut(putOf(name, value)).build();
  }

  private RequestOp rangeOp(String name) {
    return RequestOp.newBuilder().setRequestRange(rangeOf(name)).build();
  }

  private RequestOp deleteOp(String name, ByteString end) {
    return RequestOp.newBuilder()
        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key(name)).setRangeEnd(end))
        .build();
  }

  private Compare.Builder compare(String name, CompareTarget target, CompareResult result) {
    return Compare.newBuilder().setKey(key(name)).setTarget(target).setResult(result);
  }

  private boolean holds(Compare.Builder comparison) {
    return txn(TxnRequest.newBuilder().addCompare(comparison)).getSucceeded();
  }

  private long grant() {
    return Cluster.grant(member, TTL_SECONDS);
  }

  private long revoke(long leaseId) {
    return member
        .leases()
        .leaseRevoke(LeaseRevokeRequest.newBuilder().setID(leaseId).build())
        .getHeader()
        .getRevision();
  }

  private List<String> attached(long leaseId) {
    return member
        .leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(leaseId).setKeys(true).build())
        .getKeysList()
        .stream()
        .map(each -> each.toStringUtf8().substring(prefix.length()))
        .toList();
  }

  private long revision() {
    return range(rangeOf("nothing")).getHeader().getRevision();
  }

  private static void assertRefused(ThrowingCallable call, Code code, String text) {
    StatusRuntimeException refused = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(refused).isNotNull();
    assertThat(refused.getStatus().getCode()).isEqualTo(code);
    assertThat(refused.getStatus().getDescription()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c52_putWithAnUnknownLeaseWritesNothing(int index) {
    through(index);
    long before = revision();
    assertRefused(() -> put("a", 999_999), Code.NOT_FOUND, "etcdserver: requested lease not found");
    assertThat(exists("a")).isFalse();
    assertThat(revision()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c53_aKeyEndsWithTheLeaseItWasLastPutWith(int index) {
    through(index);
    long first = grant();
    long second = grant();
    put("a", first);
    put("a", second);
    long before = revision();
    assertThat(revoke(first)).isEqualTo(before);
    assertThat(exists("a")).isTrue();
    assertThat(revoke(second)).isEqualTo(before + 1);
    assertThat(exists("a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c54_aPutWithoutLeaseDetaches(int index) {
    through(index);
    long lease = grant();
    put("a", lease);
    put("a", "free");
    assertThat(attached(lease)).isEmpty();
    long unused = revoke(lease);
    assertThat(get("a").getLease()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c55_aDeletedKeyIsNoLongerAttached(int index) {
    through(index);
    long lease = grant();
    put("a", lease);
    put("b", lease);
    assertThat(attached(lease)).containsExactly("a", "b");
    assertThat(delete("a").getDeleted()).isEqualTo(1);
    assertThat(attached(lease)).containsExactly("b");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c56_puttingAgainWithTheSameLeaseAttachesOnce(int index) {
    through(index);
    long lease = grant();
    put("a", lease);
    put("a", lease);
    assertThat(attached(lease)).containsExactly("a");
    assertThat(get("a").getVersion()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c57_aPutMayKeepTheLease(int index) {
    through(index);
    long lease = grant();
    put("a", lease);
    assertThat(put(putOf("a", "new").setIgnoreLease(true)).hasHeader()).isTrue();
    assertThat(get("a").getLease()).isEqualTo(lease);
    assertThat(get("a").getValue()).isEqualTo(bytes("new"));
    assertThat(attached(lease)).containsExactly("a");
    assertRefused(
        () -> put(putOf("missing", "v").setIgnoreLease(true)),
        Code.INVALID_ARGUMENT,
        "etcdserver: key not found");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c58_whatIsKeptMustNotBeGiven(int index) {
    through(index);
    assertRefused(
        () -> put(putOf("a", "v").setIgnoreLease(true).setLease(1)),
        Code.INVALID_ARGUMENT,
        "etcdserver: lease is provided");
    assertRefused(
        () -> put(putOf("a", "v").setIgnoreValue(true)),
        Code.INVALID_ARGUMENT,
        "etcdserver: value is provided");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c59_aPutMayMoveTheLeaseAndKeepTheValue(int index) {
    through(index);
    long first = grant();
    long second = grant();
    put("a", first);
    assertThat(put(putOf("a", "").setIgnoreValue(true).setLease(second)).hasHeader()).isTrue();
    KeyValue moved = get("a");
    assertThat(moved.getValue()).isEqualTo(bytes("v"));
    assertThat(moved.getVersion()).isEqualTo(2);
    assertThat(moved.getLease()).isEqualTo(second);
    assertThat(attached(first)).isEmpty();
    assertThat(attached(second)).containsExactly("a");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c60_rangesTellTheLeaseAlsoWithoutValues(int index) {
    through(index);
    long lease = grant();
    put("a", lease);
    KeyValue keyOnly = range(rangeOf("a").setKeysOnly(true)).getKvs(0);
    assertThat(keyOnly.getLease()).isEqualTo(lease);
    assertThat(keyOnly.getValue()).isEqualTo(ByteString.EMPTY);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c61_afterARestartKeysHangOnTheLeaseTheyWereLastPutWith(int index) {
    through(index);
    long first = grant();
    long second = grant();
    put("a", first);
    put("b", first);
    put("a", second);
    member.kill();
    cluster.leader(member);
    member.start();
    cluster.awaitReady();
    assertThat(attached(first)).containsExactly("b");
    assertThat(attached(second)).containsExactly("a");
    long unused = revoke(first);
    assertThat(exists("a")).isTrue();
    assertThat(exists("b")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c62_previousKeyTellsItsLeaseAndIsAbsentForANewOne(int index) {
    through(index);
    long lease = grant();
    assertThat(put(putOf("a", "v").setLease(lease).setPrevKv(true)).hasPrevKv()).isFalse();
    KeyValue previous = put(putOf("a", "w").setPrevKv(true)).getPrevKv();
    assertThat(previous.getValue()).isEqualTo(bytes("v"));
    assertThat(previous.getLease()).isEqualTo(lease);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c63_comparingAMissingKeyCountsItsNumbersAsZeroAndItsValueAsNothing(int index) {
    through(index);
    for (CompareTarget number :
        List.of(
            CompareTarget.VERSION, CompareTarget.CREATE, CompareTarget.MOD, CompareTarget.LEASE)) {
      assertThat(holds(compare("missing", number, CompareResult.EQUAL))).isTrue();
      assertThat(holds(compare("missing", number, CompareResult.NOT_EQUAL))).isFalse();
    }
    for (CompareResult result :
        List.of(
            CompareResult.EQUAL,
            CompareResult.NOT_EQUAL,
            CompareResult.LESS,
            CompareResult.GREATER)) {
      assertThat(holds(compare("missing", CompareTarget.VALUE, result).setValue(bytes("x"))))
          .isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c64_aComparisonOfARangeHoldsWhenItHoldsForEachKey(int index) {
    through(index);
    put("a", "1");
    put("b", "1");
    put("b", "2");
    Compare.Builder versions =
        compare("", CompareTarget.VERSION, CompareResult.GREATER).setRangeEnd(endOfPrefix());
    assertThat(holds(versions.clone().setVersion(0))).isTrue();
    assertThat(holds(versions.clone().setVersion(1))).isFalse();
    Compare.Builder none =
        compare("x", CompareTarget.VERSION, CompareResult.EQUAL).setRangeEnd(endOfPrefix());
    assertThat(holds(none.clone().setVersion(0))).isTrue();
    assertThat(holds(none.clone().setVersion(1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c65_onlyTheBranchThatRunsIsCheckedAndAFailureUndoesAllOfIt(int index) {
    through(index);
    RequestOp badPut =
        RequestOp.newBuilder().setRequestPut(putOf("bad", "v").setLease(999_999)).build();
    TxnResponse passed =
        txn(TxnRequest.newBuilder().addSuccess(putOp("a", "1")).addFailure(badPut));
    assertThat(passed.getSucceeded()).isTrue();
    long before = revision();
    assertRefused(
        () -> txn(TxnRequest.newBuilder().addSuccess(putOp("b", "1")).addSuccess(badPut)),
        Code.NOT_FOUND,
        "etcdserver: requested lease not found");
    assertThat(exists("b")).isFalse();
    assertThat(revision()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c66_aTransactionSeesItsOwnPutsAndHasOneRevision(int index) {
    through(index);
    long before = revision();
    TxnResponse response =
        txn(
            TxnRequest.newBuilder()
                .addSuccess(rangeOp("a"))
                .addSuccess(putOp("a", "1"))
                .addSuccess(putOp("b", "1"))
                .addSuccess(rangeOp("a")));
    assertThat(response.getHeader().getRevision()).isEqualTo(before + 1);
    assertThat(response.getResponses(0).getResponseRange().getKvsCount()).isZero();
    KeyValue own = response.getResponses(3).getResponseRange().getKvs(0);
    assertThat(own.getValue()).isEqualTo(bytes("1"));
    assertThat(own.getModRevision()).isEqualTo(before + 1);
    assertThat(get("b").getModRevision()).isEqualTo(before + 1);
    TxnResponse reading = txn(TxnRequest.newBuilder().addSuccess(rangeOp("a")));
    assertThat(reading.getHeader().getRevision()).isEqualTo(before + 1);
    TxnResponse idle =
        txn(TxnRequest.newBuilder().addSuccess(deleteOp("missing", ByteString.EMPTY)));
    assertThat(idle.getHeader().getRevision()).isEqualTo(before + 1);
  }

  private TxnRequest.Builder acquire(String name, long lease) {
    RequestOp owner =
        RequestOp.newBuilder()
            .setRequestRange(
                all().setSortTarget(SortTarget.CREATE).setSortOrder(SortOrder.ASCEND).setLimit(1))
            .build();
    return TxnRequest.newBuilder()
        .addCompare(compare(name, CompareTarget.CREATE, CompareResult.EQUAL).setCreateRevision(0))
        .addSuccess(RequestOp.newBuilder().setRequestPut(putOf(name, "").setLease(lease)))
        .addSuccess(owner)
        .addFailure(rangeOp(name))
        .addFailure(owner);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c67And68_aFreeLockIsAcquiredAndTheSameSessionFindsItsOwnKey(int index) {
    through(index);
    long lease = grant();
    TxnResponse acquired = txn(acquire("lock", lease));
    assertThat(acquired.getSucceeded()).isTrue();
    long created = acquired.getResponses(1).getResponseRange().getKvs(0).getCreateRevision();
    assertThat(created).isEqualTo(acquired.getHeader().getRevision());
    TxnResponse again = txn(acquire("lock", lease));
    assertThat(again.getSucceeded()).isFalse();
    assertThat(again.getResponses(0).getResponseRange().getKvs(0).getCreateRevision())
        .isEqualTo(created);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c69And70_leasesAreComparedAndInequalityToo(int index) {
    through(index);
    long lease = grant();
    put("a", lease);
    put("b", "free");
    assertThat(holds(compare("a", CompareTarget.LEASE, CompareResult.EQUAL).setLease(lease)))
        .isTrue();
    assertThat(holds(compare("b", CompareTarget.LEASE, CompareResult.EQUAL).setLease(lease)))
        .isFalse();
    assertThat(holds(compare("b", CompareTarget.LEASE, CompareResult.NOT_EQUAL).setLease(lease)))
        .isTrue();
    assertThat(
            holds(compare("b", CompareTarget.VALUE, CompareResult.NOT_EQUAL).setValue(bytes("x"))))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c71_oneOperationTooManyIsRefused(int index) {
    through(index);
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < 128; i++) {
      txn.addSuccess(putOp("k" + i, "v"));
    }
    assertThat(txn(txn).getResponsesCount()).isEqualTo(128);
    assertRefused(
        () -> txn(txn.addSuccess(putOp("more", "v"))),
        Code.INVALID_ARGUMENT,
        "etcdserver: too many operations in txn request");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c72_aKeyIsChangedAtMostOnce(int index) {
    through(index);
    String duplicate = "etcdserver: duplicate key given in txn request";
    assertRefused(
        () -> txn(TxnRequest.newBuilder().addSuccess(putOp("a", "1")).addSuccess(putOp("a", "2"))),
        Code.INVALID_ARGUMENT,
        duplicate);
    assertRefused(
        () ->
            txn(
                TxnRequest.newBuilder()
                    .addSuccess(putOp("a", "1"))
                    .addSuccess(deleteOp("", endOfPrefix()))),
        Code.INVALID_ARGUMENT,
        duplicate);
    put("a", "1");
    TxnResponse twice =
        txn(
            TxnRequest.newBuilder()
                .addSuccess(deleteOp("", endOfPrefix()))
                .addSuccess(deleteOp("a", ByteString.EMPTY))
                .addFailure(putOp("a", "2")));
    assertThat(twice.getResponses(0).getResponseDeleteRange().getDeleted()).isEqualTo(1);
    assertThat(twice.getResponses(1).getResponseDeleteRange().getDeleted()).isZero();
    assertThat(
            txn(TxnRequest.newBuilder().addSuccess(putOp("a", "1")).addFailure(putOp("a", "2")))
                .getSucceeded())
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c73_aNestedTransactionSharesTheRevisionAndChecksLeases(int index) {
    through(index);
    long before = revision();
    TxnResponse response =
        txn(
            TxnRequest.newBuilder()
                .addSuccess(putOp("a", "1"))
                .addSuccess(
                    RequestOp.newBuilder()
                        .setRequestTxn(
                            TxnRequest.newBuilder()
                                .addCompare(
                                    compare("b", CompareTarget.VERSION, CompareResult.GREATER))
                                .addFailure(putOp("b", "1")))));
    assertThat(response.getResponses(1).getResponseTxn().getSucceeded()).isFalse();
    assertThat(get("a").getModRevision()).isEqualTo(before + 1);
    assertThat(get("b").getModRevision()).isEqualTo(before + 1);
    assertRefused(
        () ->
            txn(
                TxnRequest.newBuilder()
                    .addSuccess(putOp("c", "1"))
                    .addSuccess(
                        RequestOp.newBuilder()
                            .setRequestTxn(
                                TxnRequest.newBuilder()
                                    .addSuccess(
                                        RequestOp.newBuilder()
                                            .setRequestPut(putOf("d", "1").setLease(999_999)))))),
        Code.NOT_FOUND,
        "etcdserver: requested lease not found");
    assertThat(exists("c")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c74_readsInATransactionSeeWhatWasAcknowledgedAndAnEmptyOperationIsRefused(int index) {
    through(index);
    put("a", "1");
    through((index + 1) % 3);
    TxnResponse response = txn(TxnRequest.newBuilder().addSuccess(rangeOp("a")));
    assertThat(response.getResponses(0).getResponseRange().getKvsCount()).isEqualTo(1);
    assertRefused(
        () -> txn(TxnRequest.newBuilder().addSuccess(RequestOp.getDefaultInstance())),
        Code.INVALID_ARGUMENT,
        "etcdserver: key not found");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c75_deletingNothingKeepsTheRevisionAndDeletedKeysAreAnswered(int index) {
    through(index);
    long before = revision();
    DeleteRangeResponse none = delete("a");
    assertThat(none.getDeleted()).isZero();
    assertThat(none.getHeader().getRevision()).isEqualTo(before);
    put("a", "1");
    put("b", "2");
    DeleteRangeResponse both =
        member
            .keys()
            .deleteRange(
                DeleteRangeRequest.newBuilder()
                    .setKey(key(""))
                    .setRangeEnd(endOfPrefix())
                    .setPrevKv(true)
                    .build());
    assertThat(both.getDeleted()).isEqualTo(2);
    assertThat(both.getPrevKvsList())
        .extracting(KeyValue::getValue)
        .containsExactly(bytes("1"), bytes("2"));
    assertThat(both.getHeader().getRevision()).isEqualTo(before + 3);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c76_aTransactionWithARevokedLeaseHasNoEffect(int index) {
    through(index);
    long lease = grant();
    long before = revoke(lease);
    assertRefused(
        () ->
            txn(
                TxnRequest.newBuilder()
                    .addSuccess(putOp("a", "1"))
                    .addSuccess(
                        RequestOp.newBuilder().setRequestPut(putOf("b", "1").setLease(lease)))),
        Code.NOT_FOUND,
        "etcdserver: requested lease not found");
    assertThat(exists("a")).isFalse();
    assertThat(revision()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c77And78_theOldestAndTheNewestOfAPrefixAreFoundInOneQuestion(int index) {
    through(index);
    put("z", "1");
    long second = put("y", "1");
    put("x", "1");
    put("z", "2");
    RangeResponse oldest =
        range(all().setSortTarget(SortTarget.CREATE).setSortOrder(SortOrder.ASCEND).setLimit(1));
    assertThat(names(oldest)).containsExactly("z");
    assertThat(oldest.getMore()).isTrue();
    assertThat(oldest.getCount()).isEqualTo(3);
    RangeResponse before =
        range(
            all()
                .setSortTarget(SortTarget.CREATE)
                .setSortOrder(SortOrder.DESCEND)
                .setMaxCreateRevision(second)
                .setLimit(1));
    assertThat(names(before)).containsExactly("y");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c79And80_filtersDoNotCountAndSortingIsUpwards(int index) {
    through(index);
    long first = put("a", "3");
    long second = put("b", "2");
    long third = put("c", "1");
    RangeResponse filtered = range(all().setMinModRevision(second).setMaxModRevision(third));
    assertThat(names(filtered)).containsExactly("b", "c");
    assertThat(filtered.getCount()).isEqualTo(3);
    assertThat(names(range(all().setMaxModRevision(first)))).containsExactly("a");
    assertThat(names(range(all().setSortTarget(SortTarget.VALUE)))).containsExactly("c", "b", "a");
    assertThat(names(range(all().setSortOrder(SortOrder.DESCEND)))).containsExactly("c", "b", "a");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c81_aZeroByteMeansFromTheKeyOnAndTwoMeanEverything(int index) {
    through(index);
    put("a", "1");
    put("b", "1");
    ByteString zero = ByteString.copyFrom(new byte[1]);
    RangeResponse fromKey = range(rangeOf("b").setRangeEnd(zero).setKeysOnly(true));
    assertThat(fromKey.getKvs(0).getKey()).isEqualTo(key("b"));
    RangeResponse everything =
        range(RangeRequest.newBuilder().setKey(zero).setRangeEnd(zero).setCountOnly(true));
    assertThat(everything.getCount()).isGreaterThanOrEqualTo(fromKey.getCount() + 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c82To84_historyIsReadUntilItIsCompacted(int index) {
    through(index);
    long first = put("a", "1");
    long second = put("a", "2");
    RangeResponse then = range(rangeOf("a").setRevision(first));
    assertThat(then.getKvs(0).getValue()).isEqualTo(bytes("1"));
    assertThat(then.getHeader().getRevision()).isEqualTo(second);
    assertRefused(
        () -> range(rangeOf("a").setRevision(second + 1)),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    assertThat(
            member
                .keys()
                .compact(
                    CompactionRequest.newBuilder().setRevision(second).setPhysical(true).build())
                .getHeader()
                .getRevision())
        .isEqualTo(second);
    assertThat(range(rangeOf("a").setRevision(second)).getKvsCount()).isEqualTo(1);
    assertRefused(
        () -> range(rangeOf("a").setRevision(first)),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
    assertRefused(
        () -> member.keys().compact(CompactionRequest.newBuilder().setRevision(second + 1).build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    RangeResponse counted = range(all().setCountOnly(true));
    assertThat(counted.getCount()).isEqualTo(1);
    assertThat(counted.getKvsList()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c85_everyMemberReadsWhatWasAcknowledgedThroughAnother(int index) {
    for (int i = 0; i < 20; i++) {
      through(index);
      put("a", String.valueOf(i));
      for (int reader = 0; reader < 3; reader++) {
        through(reader);
        assertThat(get("a").getValue()).isEqualTo(bytes(String.valueOf(i)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void valuesAsLargeAsARequestMayBeAndAnswersOfManyOfThemArriveWhole(int index) {
    through(index);
    String value = "0123456789".repeat(157_000);
    TxnRequest.Builder readAndDelete = TxnRequest.newBuilder();
    for (int i = 0; i < 8; i++) {
      long unused = put("large" + i, value + i);
    }
    readAndDelete
        .addSuccess(RequestOp.newBuilder().setRequestRange(all()))
        .addSuccess(deleteOp("", endOfPrefix()));
    TxnResponse response = txn(readAndDelete);
    RangeResponse read = response.getResponses(0).getResponseRange();
    for (int i = 0; i < 8; i++) {
      assertThat(read.getKvs(i).getValue()).isEqualTo(bytes(value + i));
    }
    assertThat(response.getResponses(1).getResponseDeleteRange().getDeleted()).isEqualTo(8);
    assertRefused(
        () -> put("large", value + "0123456789".repeat(300)),
        Code.INVALID_ARGUMENT,
        "etcdserver: request is too large");
  }
}
