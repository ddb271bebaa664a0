package io.leasehold.server.grpc;

import static io.leasehold.server.fake.WatchClient.folder;
import static io.leasehold.server.fake.WatchClient.key;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest.FilterType;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.Event.EventType;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.TestCluster;
import io.leasehold.server.fake.WatchClient;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Watching over the wire, on the leader and on a follower; the numbers are the contract's. */
@Timeout(60)
final class WatchServiceTest {
  private static TestCluster cluster;

  @BeforeAll
  static void start() throws Exception {
    cluster = TestCluster.start("n1", "n2");
  }

  @AfterAll
  static void stop() {
    cluster.close();
  }

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static long put(String key, String value) {
    return cluster
        .keys("n1")
        .put(PutRequest.newBuilder().setKey(bytes(key)).setValue(bytes(value)).build())
        .getHeader()
        .getRevision();
  }

  private static long delete(String key) {
    return cluster
        .keys("n1")
        .deleteRange(DeleteRangeRequest.newBuilder().setKey(bytes(key)).build())
        .getHeader()
        .getRevision();
  }

  private static List<String> texts(WatchResponse response) {
    return response.getEventsList().stream()
        .map(
            event ->
                event.getType()
                    + " "
                    + event.getKv().getKey().toStringUtf8()
                    + " "
                    + event.getKv().getValue().toStringUtf8())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"n1", "n2"})
  void c86And87_watcherIsCreatedThenHearsOfWhatComes(String member) throws Exception {
    long before = put("c86", "0");
    Await.until(() -> cluster.replica(member).revision() >= before);
    WatchClient client = WatchClient.open(cluster.channel(member));
    WatchResponse created = client.created(key("c86", 0));
    assertThat(created.getCreated()).isTrue();
    assertThat(created.getCanceled()).isFalse();
    assertThat(created.getWatchId()).isZero();
    assertThat(created.getHeader().getRevision()).isGreaterThanOrEqualTo(before);
    assertThat(created.getHeader().getMemberId())
        .isEqualTo(cluster.engine(member).memberId(member));
    long revision = put("c86", "1");
    WatchResponse event = client.next();
    assertThat(texts(event)).containsExactly("PUT c86 1");
    assertThat(event.getHeader().getRevision()).isEqualTo(revision);
    assertThat(event.getEvents(0).getKv().getModRevision()).isEqualTo(revision);
    client.abandon();
  }

  @Test
  void c87And98And100_pastIsReplayedFromTheStartRevisionOn() throws Exception {
    long first = put("c87/a", "1");
    long second = delete("c87/a");
    WatchClient client = WatchClient.open(cluster.channel("n2"));
    Await.until(() -> cluster.replica("n2").revision() >= second);
    client.created(folder("c87/", first));
    assertThat(texts(client.next())).containsExactly("PUT c87/a 1", "DELETE c87/a ");
    client.created(folder("c87/", first + 1));
    assertThat(texts(client.next())).containsExactly("DELETE c87/a ");
    client.abandon();
  }

  @Test
  void c88_compactedStartIsCreatedThenCanceled() throws Exception {
    long first = put("c88", "1");
    put("c88", "2");
    long last = put("c88", "3");
    cluster.keys("n1").compact(CompactionRequest.newBuilder().setRevision(last).build());
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    WatchResponse created = client.created(key("c88", first));
    assertThat(created.getCreated()).isTrue();
    assertThat(created.getCanceled()).isFalse();
    WatchResponse canceled = client.next();
    assertThat(canceled.getWatchId()).isEqualTo(created.getWatchId());
    assertThat(canceled.getCreated()).isFalse();
    assertThat(canceled.getCanceled()).isTrue();
    assertThat(canceled.getCompactRevision()).isEqualTo(last);
    client.abandon();
  }

  @Test
  void c89And90_refusalsAreCreatedAndCanceledWithEtcdsTexts() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.created(key("c90", 0).setWatchId(7));
    assertRefused(
        client.created(key("c90", -1)), "etcdserver: mvcc: required revision has been compacted");
    assertRefused(
        client.created(key("c90", 0).setWatchId(7)),
        "mvcc: duplicate watch ID provided on the WatchStream");
    assertRefused(
        client.created(key("b", 0).setRangeEnd(bytes("a"))), "mvcc: watcher range is empty");
    client.abandon();
  }

  private static void assertRefused(WatchResponse response, String reason) {
    assertThat(response.getCreated()).isTrue();
    assertThat(response.getCanceled()).isTrue();
    assertThat(response.getWatchId()).isEqualTo(-1);
    assertThat(response.getCancelReason()).isEqualTo(reason);
  }

  @Test
  void c91_cancelIsAnsweredOnceAndRequestsForNothingAreNot() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.created(key("c91", 0));
    client.sendNothing();
    client.cancel(404);
    client.cancel(0);
    client.cancel(0);
    WatchResponse canceled = client.next();
    assertThat(canceled.getCanceled()).isTrue();
    assertThat(canceled.getCompactRevision()).isZero();
    put("c91", "1");
    // An answer to a later request shows that nothing else came before.
    assertThat(client.created(key("c91", 0)).getCreated()).isTrue();
    client.abandon();
  }

  @Test
  void c17And92_endOfALeaseIsOneMessageUnlessFragmentsAreAskedFor() throws Exception {
    long lease = 92;
    cluster.leases("n1").leaseGrant(LeaseGrantRequest.newBuilder().setID(lease).setTTL(60).build());
    for (int i = 3; i >= 0; i--) {
      cluster
          .keys("n1")
          .put(
              PutRequest.newBuilder()
                  .setKey(bytes("c92/" + i))
                  .setValue(bytes("x".repeat(600_000)))
                  .setLease(lease)
                  .build());
    }
    WatchClient whole = WatchClient.open(cluster.channel("n1"));
    whole.created(folder("c92/", 0).setPrevKv(true));
    WatchClient parts = WatchClient.open(cluster.channel("n1"));
    parts.created(folder("c92/", 0).setPrevKv(true).setFragment(true));
    cluster.leases("n1").leaseRevoke(LeaseRevokeRequest.newBuilder().setID(lease).build());
    List<String> deletes =
        List.of("DELETE c92/0 ", "DELETE c92/1 ", "DELETE c92/2 ", "DELETE c92/3 ");
    WatchResponse all = whole.next();
    assertThat(texts(all)).isEqualTo(deletes);
    assertThat(all.getFragment()).isFalse();
    WatchResponse first = parts.next();
    assertThat(first.getFragment()).isTrue();
    assertThat(texts(first)).isEqualTo(deletes.subList(0, 2));
    WatchResponse second = parts.next();
    assertThat(second.getFragment()).isFalse();
    assertThat(texts(second)).isEqualTo(deletes.subList(2, 4));
    assertThat(second.getHeader().getRevision()).isEqualTo(first.getHeader().getRevision());
    whole.abandon();
    parts.abandon();
  }

  @Test
  void c93And94_filtersAndPreviousValues() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.created(key("c93", 0).addFilters(FilterType.NOPUT).setPrevKv(true));
    client.created(key("c93", 0).addFilters(FilterType.NODELETE).setPrevKv(true));
    put("c93", "1");
    WatchResponse created = client.next();
    assertThat(created.getWatchId()).isEqualTo(1);
    assertThat(created.getEvents(0).hasPrevKv()).isFalse();
    put("c93", "2");
    assertThat(client.next().getEvents(0).getPrevKv().getValue().toStringUtf8()).isEqualTo("1");
    delete("c93");
    Event deleted = client.next().getEvents(0);
    assertThat(deleted.getType()).isEqualTo(EventType.DELETE);
    assertThat(deleted.getPrevKv().getValue().toStringUtf8()).isEqualTo("2");
    assertThat(deleted.getKv().getValue().isEmpty()).isTrue();
    client.abandon();
  }

  @Test
  void c95_progressIsToldForAllWatchersTogether() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.requestProgress(); // none without a watcher
    client.created(key("c95", 0));
    long revision = put("other", "1");
    client.requestProgress();
    WatchResponse progress = client.next();
    assertThat(progress.getWatchId()).isEqualTo(-1);
    assertThat(progress.getEventsCount()).isZero();
    assertThat(progress.getHeader().getRevision()).isGreaterThanOrEqualTo(revision);
    client.abandon();
  }

  @Test
  void c96_silentWatcherIsToldOfProgressNowAndThen() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.created(key("c96", 0).setProgressNotify(true));
    for (int i = 0; i < 2; i++) {
      WatchResponse progress = client.next();
      assertThat(progress.getWatchId()).isZero();
      assertThat(progress.getEventsCount()).isZero();
      assertThat(progress.getCreated()).isFalse();
    }
    client.abandon();
  }

  @Test
  void c99_memberWithoutLeaderRefusesOrCutsWhoRequiresOne() throws Exception {
    try (TestCluster lonely = TestCluster.start("n1", "n2")) {
      WatchClient requiring = WatchClient.openRequiringLeader(lonely.channel("n2"));
      requiring.created(key("c99", 0));
      WatchClient patient = WatchClient.open(lonely.channel("n2"));
      patient.created(key("c99", 0));
      lonely.elect(null);
      Status end = requiring.end();
      assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(end.getDescription()).isEqualTo("etcdserver: no leader");
      assertThat(WatchClient.openRequiringLeader(lonely.channel("n2")).end().getDescription())
          .isEqualTo("etcdserver: no leader");
      assertThat(patient.created(key("c99", 0)).getCreated()).isTrue();
    }
  }

  @Test
  void memberThatStopsSaysSo() throws Exception {
    WatchClient client;
    try (TestCluster stopping = TestCluster.start("n1")) {
      client = WatchClient.open(stopping.channel("n1"));
      client.created(key("a", 0));
      stopping.server("n1").close();
      Status end = client.end();
      assertThat(end.getCode()).isEqualTo(Code.UNAVAILABLE);
      assertThat(end.getDescription()).isEqualTo("etcdserver: server stopped");
    }
  }

  @Test
  void watchersOutliveTheEndOfTheClientsRequests() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.created(key("half", 0));
    client.halfClose();
    put("half", "1");
    assertThat(texts(client.next())).containsExactly("PUT half 1");
    client.abandon();
  }

  @Test
  void emptyKeyWithEndOfOneZeroByteIsEverything() throws Exception {
    WatchClient client = WatchClient.open(cluster.channel("n1"));
    client.created(WatchCreateRequest.newBuilder().setRangeEnd(ByteString.copyFrom(new byte[1])));
    put("everything", "1");
    assertThat(texts(client.next())).containsExactly("PUT everything 1");
    client.abandon();
  }

  @Test
  void clientThatDoesNotReadGetsEverythingOnceItDoes() throws Exception {
    WatchClient slow = WatchClient.openUnread(cluster.channel("n1"));
    slow.create(folder("slow/", 0));
    slow.read(1);
    slow.next();
    WatchClient quick = WatchClient.open(cluster.channel("n1"));
    quick.created(folder("slow/", 0));
    String value = "x".repeat(20_000);
    int count = 300;
    for (int i = 0; i < count; i++) {
      put("slow/" + i, value);
    }
    assertThat(received(quick, count)).isEqualTo(expected(count));
    slow.read(Integer.MAX_VALUE);
    assertThat(received(slow, count)).isEqualTo(expected(count));
    slow.abandon();
    quick.abandon();
  }

  private static List<String> expected(int count) {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      keys.add("slow/" + i);
    }
    return keys;
  }

  private static List<String> received(WatchClient client, int count) throws InterruptedException {
    List<String> keys = new ArrayList<>();
    while (keys.size() < count) {
      for (Event event : client.next().getEventsList()) {
        keys.add(event.getKv().getKey().toStringUtf8());
      }
    }
    return keys;
  }

  @Test
  void clientThatAsksAndDoesNotReadIsNotReadFrom() throws Exception {
    WatchClient client = WatchClient.openUnread(cluster.channel("n1"));
    int sent = 0;
    int limit = 2_000_000;
    while (sent < limit && Await.soon(client::isReady)) {
      // All but the first are refused, with an answer each.
      client.create(key("k", 0).setWatchId(1));
      sent++;
    }
    assertThat(sent).isGreaterThan(WatchStream.WINDOW).isLessThan(limit);
    client.read(Integer.MAX_VALUE);
    for (int i = 0; i < sent; i++) {
      assertThat(client.next().getCreated()).isTrue();
    }
    client.abandon();
  }
}
