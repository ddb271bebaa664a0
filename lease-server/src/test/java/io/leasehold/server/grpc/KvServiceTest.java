package io.leasehold.server.grpc;

import static io.leasehold.server.grpc.LeaseServiceTest.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.stub.MetadataUtils;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.CompactionResponse;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.KVGrpc.KVBlockingStub;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.server.fake.KeepAliveClient;
import io.leasehold.server.fake.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the service adds to the key space: routes, headers, codes. Through the leader, n1, and
 * through a follower; the numbers are those of the wire contract.
 */
@Timeout(60)
final class KvServiceTest {
  private static final AtomicInteger used = new AtomicInteger();
  private static TestCluster cluster;

  /** A prefix of which nobody else makes use. */
  private final String prefix = "test" + used.incrementAndGet() + "/";

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start("n1", "n2", "n3");
  }

  @AfterAll
  static void stop() {
    cluster.close();
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

  private PutResponse put(KVBlockingStub keys, String name, String value) {
    return keys.put(putOf(name, value).build());
  }

  private RangeRequest.Builder rangeOf(String name) {
    return RangeRequest.newBuilder().setKey(key(name));
  }

  private RequestOp rangeOp(String name) {
    return RequestOp.newBuilder().setRequestRange(rangeOf(name)).build();
  }

  private static long revision() {
    return cluster.replica("n1").revision();
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void headerNamesTheMemberAndTheRevisionOfTheChange(String member) {
    KVBlockingStub keys = cluster.keys(member);
    long before = revision();
    ResponseHeader header = put(keys, "a", "1").getHeader();
    assertThat(header.getRevision()).isEqualTo(before + 1);
    assertThat(header.getClusterId()).isEqualTo(77);
    assertThat(header.getMemberId()).isEqualTo(cluster.engine(member).memberId(member));
    assertThat(header.getRaftTerm()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c52_putWithAnUnknownLeaseIsRefusedAndChangesNothing(String member) {
    KVBlockingStub keys = cluster.keys(member);
    long before = revision();
    assertRefused(
        () -> keys.put(putOf("a", "1").setLease(999).build()),
        Code.NOT_FOUND,
        "etcdserver: requested lease not found");
    RangeResponse range = keys.range(rangeOf("a").build());
    assertThat(range.getKvsList()).isEmpty();
    assertThat(range.getHeader().getRevision()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c57_keepingTheLeaseOfAMissingKeyIsRefused(String member) {
    assertRefused(
        () -> cluster.keys(member).put(putOf("a", "1").setIgnoreLease(true).build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: key not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c58_requestsThatContradictThemselvesAreRefused(String member) {
    KVBlockingStub keys = cluster.keys(member);
    assertRefused(
        () -> keys.put(putOf("a", "1").setIgnoreLease(true).setLease(4).build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: lease is provided");
    assertRefused(
        () -> keys.put(putOf("a", "1").setIgnoreValue(true).build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: value is provided");
    assertRefused(
        () -> keys.put(PutRequest.getDefaultInstance()),
        Code.INVALID_ARGUMENT,
        "etcdserver: key is not provided");
    assertRefused(
        () -> keys.deleteRange(DeleteRangeRequest.getDefaultInstance()),
        Code.INVALID_ARGUMENT,
        "etcdserver: key is not provided");
    assertRefused(
        () -> keys.range(rangeOf("a").setSortOrderValue(7).build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: invalid sort option");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c62_previousKeyIsAnsweredWhenAskedFor(String member) {
    KVBlockingStub keys = cluster.keys(member);
    assertThat(keys.put(putOf("a", "1").setPrevKv(true).build()).hasPrevKv()).isFalse();
    PutResponse second = keys.put(putOf("a", "2").setPrevKv(true).build());
    assertThat(second.getPrevKv().getValue()).isEqualTo(bytes("1"));
    assertThat(put(keys, "a", "3").hasPrevKv()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c67_acquiringAFreeLockCreatesItsKeyAtTheRevisionOfTheHeader(String member) {
    KVBlockingStub keys = cluster.keys(member);
    TxnResponse response =
        keys.txn(
            TxnRequest.newBuilder()
                .addCompare(
                    Compare.newBuilder()
                        .setKey(key("lock/1"))
                        .setTarget(Compare.CompareTarget.CREATE)
                        .setCreateRevision(0))
                .addSuccess(RequestOp.newBuilder().setRequestPut(putOf("lock/1", "")))
                .addSuccess(rangeOp("lock/1"))
                .addFailure(rangeOp("lock/1"))
                .build());
    assertThat(response.getSucceeded()).isTrue();
    long revision = response.getHeader().getRevision();
    RangeResponse owner = response.getResponses(1).getResponseRange();
    assertThat(owner.getKvs(0).getCreateRevision()).isEqualTo(revision);
    assertThat(owner.getHeader())
        .isEqualTo(ResponseHeader.newBuilder().setRevision(revision).build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c71_tooManyOperationsAreRefused(String member) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = 0; i < 128; i++) {
      txn.addSuccess(RequestOp.newBuilder().setRequestPut(putOf("k" + i, "")));
    }
    assertThat(cluster.keys(member).txn(txn.build()).getResponsesCount()).isEqualTo(128);
    txn.addSuccess(rangeOp("a"));
    assertRefused(
        () -> cluster.keys(member).txn(txn.build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: too many operations in txn request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c72_aKeyPutTwiceIsRefused(String member) {
    RequestOp put = RequestOp.newBuilder().setRequestPut(putOf("a", "")).build();
    assertRefused(
        () ->
            cluster
                .keys(member)
                .txn(TxnRequest.newBuilder().addSuccess(put).addSuccess(put).build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: duplicate key given in txn request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c74_transactionsThatOnlyReadMakeNoEntry(String member) {
    KVBlockingStub keys = cluster.keys(member);
    put(keys, "a", "1");
    long committed = cluster.replica("n1").status().committedIndex();
    TxnRequest.Builder txn =
        TxnRequest.newBuilder()
            .addCompare(
                Compare.newBuilder()
                    .setKey(key("a"))
                    .setTarget(Compare.CompareTarget.VALUE)
                    .setValue(bytes("1")))
            .addSuccess(rangeOp("a"))
            .addFailure(RequestOp.newBuilder().setRequestTxn(TxnRequest.newBuilder()));
    TxnResponse response = keys.txn(txn.build());
    assertThat(response.getSucceeded()).isTrue();
    assertThat(response.getResponses(0).getResponseRange().getKvs(0).getValue())
        .isEqualTo(bytes("1"));
    assertThat(cluster.replica("n1").status().committedIndex()).isEqualTo(committed);
    assertRefused(
        () ->
            keys.txn(
                TxnRequest.newBuilder()
                    .addSuccess(
                        RequestOp.newBuilder().setRequestRange(rangeOf("a").setRevision(1_000_000)))
                    .build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    assertRefused(
        () -> keys.txn(TxnRequest.newBuilder().addSuccess(RequestOp.getDefaultInstance()).build()),
        Code.INVALID_ARGUMENT,
        "etcdserver: key not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c75_deletingNothingKeepsTheRevision(String member) {
    KVBlockingStub keys = cluster.keys(member);
    long before = revision();
    DeleteRangeResponse none =
        keys.deleteRange(DeleteRangeRequest.newBuilder().setKey(key("a")).build());
    assertThat(none.getDeleted()).isZero();
    assertThat(none.getHeader().getRevision()).isEqualTo(before);
    put(keys, "a", "1");
    DeleteRangeResponse one =
        keys.deleteRange(DeleteRangeRequest.newBuilder().setKey(key("a")).setPrevKv(true).build());
    assertThat(one.getDeleted()).isEqualTo(1);
    assertThat(one.getPrevKvs(0).getValue()).isEqualTo(bytes("1"));
    assertThat(one.getHeader().getRevision()).isEqualTo(before + 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c82To84_historicReadsTellTheCurrentRevision(String member) {
    KVBlockingStub keys = cluster.keys(member);
    long first = put(keys, "a", "1").getHeader().getRevision();
    long second = put(keys, "a", "2").getHeader().getRevision();
    RangeResponse then = keys.range(rangeOf("a").setRevision(first).build());
    assertThat(then.getKvs(0).getValue()).isEqualTo(bytes("1"));
    assertThat(then.getHeader().getRevision()).isEqualTo(second);
    assertRefused(
        () -> keys.range(rangeOf("a").setRevision(second + 1).build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
    RangeResponse counted = keys.range(rangeOf("a").setCountOnly(true).build());
    assertThat(counted.getCount()).isEqualTo(1);
    assertThat(counted.getKvsList()).isEmpty();
    CompactionResponse compacted =
        keys.compact(CompactionRequest.newBuilder().setRevision(second).build());
    assertThat(compacted.getHeader().getRevision()).isEqualTo(second);
    assertThat(keys.range(rangeOf("a").setRevision(second).build()).getKvsCount()).isEqualTo(1);
    assertRefused(
        () -> keys.range(rangeOf("a").setRevision(first).build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
    assertRefused(
        () -> keys.compact(CompactionRequest.newBuilder().setRevision(second).build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision has been compacted");
    assertRefused(
        () -> keys.compact(CompactionRequest.newBuilder().setRevision(second + 1).build()),
        Code.OUT_OF_RANGE,
        "etcdserver: mvcc: required revision is a future revision");
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void physicalCompactionWaitsForThisMembersDisk(String member) {
    KVBlockingStub keys = cluster.keys(member);
    long revision = put(keys, "a", "1").getHeader().getRevision();
    cluster.replica(member).holdScrubbing(true);
    CompletableFuture<CompactionResponse> compacted =
        CompletableFuture.supplyAsync(
            () ->
                keys.compact(
                    CompactionRequest.newBuilder()
                        .setRevision(revision)
                        .setPhysical(true)
                        .build()));
    // The member is still up, answers, and knows of the compaction.
    io.leasehold.server.fake.Await.until(
        () -> {
          try {
            keys.range(rangeOf("a").setRevision(revision - 1).build());
            return false;
          } catch (io.grpc.StatusRuntimeException e) {
            return true;
          }
        });
    assertThat(compacted).isNotDone();
    cluster.replica(member).holdScrubbing(false);
    assertThat(compacted.join().getHeader().getRevision()).isEqualTo(revision);
  }

  @ParameterizedTest
  @ValueSource(strings = {"n2", "n3"})
  void c85_linearizableReadWaitsForWhatWasAcknowledgedElsewhereAndASerializableOneDoesNot(
      String member) {
    KVBlockingStub keys = cluster.keys(member);
    put(keys, "a", "1");
    cluster.replica(member).holdApply(true);
    try {
      put(cluster.keys("n1"), "a", "2");
      CompletableFuture<RangeResponse> fresh =
          CompletableFuture.supplyAsync(() -> keys.range(rangeOf("a").build()));
      RangeResponse stale = keys.range(rangeOf("a").setSerializable(true).build());
      assertThat(stale.getKvs(0).getValue()).isEqualTo(bytes("1"));
      assertThat(fresh).isNotDone();
      cluster.replica(member).holdApply(false);
      assertThat(fresh.join().getKvs(0).getValue()).isEqualTo(bytes("2"));
    } finally {
      cluster.replica(member).holdApply(false);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c45_timeToLiveListsTheAttachedKeysInOrder(String member) {
    KVBlockingStub keys = cluster.keys(member);
    long leaseId = LeaseServiceTest.grant(cluster.leases(member), 0, 60).getID();
    for (String name : List.of("c", "a", "b")) {
      keys.put(putOf(name, "").setLease(leaseId).build());
    }
    assertThat(
            cluster
                .leases(member)
                .leaseTimeToLive(
                    LeaseTimeToLiveRequest.newBuilder().setID(leaseId).setKeys(true).build())
                .getKeysList())
        .containsExactly(key("a"), key("b"), key("c"));
    LeaseServiceTest.revoke(cluster.leases(member), leaseId);
    assertThat(keys.range(rangeOf("a").build()).getCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void requestsAboveTheLimitAreRefused(String member) {
    String large = "x".repeat(1_572_864);
    assertRefused(
        () -> put(cluster.keys(member), "a", large),
        Code.INVALID_ARGUMENT,
        "etcdserver: request is too large");
    String fits = large.substring(100);
    put(cluster.keys(member), "a", fits);
    assertThat(cluster.keys(member).range(rangeOf("a").build()).getKvs(0).getValue().size())
        .isEqualTo(fits.length());
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void answersOfSeveralMegabytesArriveWhole(String member) {
    KVBlockingStub keys = cluster.keys(member).withMaxInboundMessageSize(64 << 20);
    String value = "0123456789".repeat(100_000);
    for (int i = 0; i < 8; i++) {
      put(keys, "big/" + i, value + i);
    }
    ByteString end = key("big0");
    TxnResponse response =
        keys.txn(
            TxnRequest.newBuilder()
                .addSuccess(
                    RequestOp.newBuilder().setRequestRange(rangeOf("big/").setRangeEnd(end)))
                .addSuccess(
                    RequestOp.newBuilder()
                        .setRequestDeleteRange(
                            DeleteRangeRequest.newBuilder()
                                .setKey(key("big/"))
                                .setRangeEnd(end)
                                .setPrevKv(true)))
                .build());
    assertThat(response.getResponses(0).getResponseRange().getKvsCount()).isEqualTo(8);
    for (int i = 0; i < 8; i++) {
      assertThat(response.getResponses(1).getResponseDeleteRange().getPrevKvs(i).getValue())
          .isEqualTo(bytes(value + i));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void renewalsAreAnsweredWhileEveryThreadThatReadsIsBusy(String member) throws Exception {
    long leaseId = LeaseServiceTest.grant(cluster.leases(member), 0, 60).getID();
    KVBlockingStub keys = cluster.keys(member);
    put(keys, "a", "1");
    cluster.replica(member).holdReads(true);
    List<CompletableFuture<RangeResponse>> reads = new ArrayList<>();
    try {
      for (int i = 0; i < 100; i++) {
        reads.add(CompletableFuture.supplyAsync(() -> keys.range(rangeOf("a").build())));
      }
      KeepAliveClient client =
          KeepAliveClient.open(
              io.leasehold.api.etcdserverpb.LeaseGrpc.newStub(cluster.channel(member)));
      client.send(leaseId);
      LeaseKeepAliveResponse renewed = client.next();
      assertThat(renewed.getTTL()).isEqualTo(60);
    } finally {
      cluster.replica(member).holdReads(false);
    }
    reads.forEach(read -> assertThat(read.join().getKvsCount()).isEqualTo(1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"n2", "n3"})
  void withoutLeaderACallThatAsksForOneIsRefusedAtOnceAndASerializableReadIsServed(String member) {
    KVBlockingStub keys = cluster.keys(member);
    put(keys, "a", "1");
    cluster.replica(member).loseLeader();
    try {
      Metadata hasLeader = new Metadata();
      hasLeader.put(Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER), "true");
      assertRefused(
          () ->
              keys.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(hasLeader))
                  .put(putOf("a", "2").build()),
          Code.UNAVAILABLE,
          "etcdserver: no leader");
      assertThat(keys.range(rangeOf("a").setSerializable(true).build()).getKvs(0).getValue())
          .isEqualTo(bytes("1"));
    } finally {
      cluster.elect("n1");
    }
  }
}
