package io.leasehold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListResponse;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.ResponseOp;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.cli.output.Printer.EndpointHealth;
import io.leasehold.cli.output.Printer.EndpointStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected texts are what etcdctl 3.4.23 printed. */
final class PrintersTest {
  private static final ResponseHeader HEADER =
      ResponseHeader.newBuilder()
          .setClusterId(Long.parseUnsignedLong("14841639068965178418"))
          .setMemberId(6662698563040693991L)
          .setRevision(10)
          .setRaftTerm(2)
          .build();

  private static final String HEADER_FIELDS =
      "\"cluster_id\":14841639068965178418,\"member_id\":6662698563040693991,\"revision\":10,\"raft_term\":2";

  private final Printer simple = new SimplePrinter(false, false);
  private final Printer json = new JsonPrinter();
  private final Printer table = new TablePrinter();

  private static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  private static KeyValue entry(String key, String value) {
    return KeyValue.newBuilder()
        .setKey(bytes(key))
        .setValue(bytes(value))
        .setCreateRevision(2)
        .setModRevision(8)
        .setVersion(7)
        .build();
  }

  @Test
  void leasesLookAsEtcdctlHasThem() {
    LeaseGrantResponse granted =
        LeaseGrantResponse.newBuilder()
            .setHeader(HEADER)
            .setID(5685691178603049735L)
            .setTTL(60)
            .build();
    assertThat(simple.granted(granted).toStringUtf8())
        .isEqualTo("lease 4ee7a200bb34f307 granted with TTL(60s)\n");
    assertThat(json.granted(granted).toStringUtf8())
        .isEqualTo(
            "{" + HEADER_FIELDS + ",\"ID\":5685691178603049735,\"TTL\":60,\"Error\":\"\"}\n");
    LeaseTimeToLiveResponse left =
        LeaseTimeToLiveResponse.newBuilder()
            .setHeader(HEADER)
            .setID(0x1234)
            .setTTL(59)
            .setGrantedTTL(60)
            .addKeys(bytes("a"))
            .addKeys(bytes("b"))
            .build();
    assertThat(simple.timeToLive(left, true).toStringUtf8())
        .isEqualTo(
            "lease 0000000000001234 granted with TTL(60s), remaining(59s), attached keys([a b])\n");
    assertThat(json.timeToLive(left, true).toStringUtf8())
        .isEqualTo(
            "{"
                + HEADER_FIELDS
                + ",\"id\":4660,\"ttl\":59,\"granted-ttl\":60,\"keys\":[\"YQ==\",\"Yg==\"]}\n");
    LeaseTimeToLiveResponse gone =
        LeaseTimeToLiveResponse.newBuilder().setHeader(HEADER).setID(0x1234).setTTL(-1).build();
    assertThat(simple.timeToLive(gone, false).toStringUtf8())
        .isEqualTo("lease 0000000000001234 already expired\n");
    assertThat(json.timeToLive(gone, false).toStringUtf8())
        .endsWith(",\"id\":4660,\"ttl\":-1,\"granted-ttl\":0,\"keys\":null}\n");
    LeaseLeasesResponse leases =
        LeaseLeasesResponse.newBuilder()
            .setHeader(HEADER)
            .addLeases(LeaseStatus.newBuilder().setID(1))
            .addLeases(LeaseStatus.newBuilder().setID(2))
            .build();
    assertThat(simple.leases(leases).toStringUtf8())
        .isEqualTo("found 2 leases\n0000000000000001\n0000000000000002\n");
    assertThat(json.leases(leases).toStringUtf8())
        .isEqualTo("{" + HEADER_FIELDS + ",\"leases\":[{\"id\":1},{\"id\":2}]}\n");
  }

  @Test
  void keysLookAsEtcdctlHasThem() {
    RangeResponse found =
        RangeResponse.newBuilder().setHeader(HEADER).addKvs(entry("a", "d")).setCount(1).build();
    assertThat(simple.found(found).toStringUtf8()).isEqualTo("a\nd\n");
    assertThat(new SimplePrinter(false, true).found(found).toStringUtf8()).isEqualTo("d\n");
    assertThat(new SimplePrinter(true, false).found(found).toStringUtf8())
        .isEqualTo("\\x61\n\\x64\n");
    String entry =
        "{\"key\":\"YQ==\",\"create_revision\":2,\"mod_revision\":8,\"version\":7,\"value\":\"ZA==\"}";
    assertThat(json.found(found).toStringUtf8())
        .isEqualTo("{\"header\":{" + HEADER_FIELDS + "},\"kvs\":[" + entry + "],\"count\":1}\n");
    PutResponse put = PutResponse.newBuilder().setHeader(HEADER).setPrevKv(entry("a", "d")).build();
    assertThat(simple.put(put).toStringUtf8()).isEqualTo("OK\na\nd\n");
    assertThat(json.put(put).toStringUtf8())
        .isEqualTo("{\"header\":{" + HEADER_FIELDS + "},\"prev_kv\":" + entry + "}\n");
    assertThat(
            simple.deleted(DeleteRangeResponse.newBuilder().setDeleted(2).build()).toStringUtf8())
        .isEqualTo("2\n");
  }

  @Test
  void valuesComeOutByteByByte() {
    ByteString value = ByteString.copyFrom(new byte[] {0, (byte) 0xff, '\n', (byte) 0xc3});
    RangeResponse found =
        RangeResponse.newBuilder().addKvs(KeyValue.newBuilder().setValue(value)).build();
    assertThat(new SimplePrinter(false, true).found(found)).isEqualTo(value.concat(bytes("\n")));
  }

  @Test
  void transactionsLookAsEtcdctlHasThem() {
    TxnResponse answer =
        TxnResponse.newBuilder()
            .setHeader(HEADER)
            .setSucceeded(true)
            .addResponses(
                ResponseOp.newBuilder()
                    .setResponsePut(
                        PutResponse.newBuilder()
                            .setHeader(ResponseHeader.newBuilder().setRevision(20))))
            .addResponses(
                ResponseOp.newBuilder()
                    .setResponseRange(
                        RangeResponse.newBuilder().addKvs(entry("a", "d")).setCount(1)))
            .addResponses(
                ResponseOp.newBuilder().setResponseDeleteRange(DeleteRangeResponse.newBuilder()))
            .build();
    assertThat(simple.transaction(answer).toStringUtf8()).isEqualTo("SUCCESS\n\nOK\n\na\nd\n\n0\n");
    assertThat(json.transaction(answer).toStringUtf8())
        .startsWith(
            "{\"header\":{"
                + HEADER_FIELDS
                + "},\"succeeded\":true,\"responses\":[{\"Response\":{\"ResponsePut\":"
                + "{\"header\":{\"revision\":20}}}},{\"Response\":{\"ResponseRange\":{\"kvs\":[")
        .endsWith(",{\"Response\":{\"ResponseDeleteRange\":{}}}]}\n");
  }

  @Test
  void changesLookAsEtcdctlHasThem() {
    WatchResponse answer =
        WatchResponse.newBuilder()
            .setHeader(HEADER)
            .addEvents(
                Event.newBuilder()
                    .setType(Event.EventType.DELETE)
                    .setKv(KeyValue.newBuilder().setKey(bytes("a")).setModRevision(10))
                    .setPrevKv(entry("a", "d")))
            .build();
    assertThat(simple.watched(answer).toStringUtf8()).isEqualTo("DELETE\na\nd\na\n\n");
    assertThat(json.watched(answer).toStringUtf8())
        .isEqualTo(
            "{\"Header\":{"
                + HEADER_FIELDS
                + "},\"Events\":[{\"type\":1,\"kv\":{\"key\":\"YQ==\",\"mod_revision\":10},\"prev_kv\":"
                + "{\"key\":\"YQ==\",\"create_revision\":2,\"mod_revision\":8,\"version\":7,\"value\":\"ZA==\"}}],"
                + "\"CompactRevision\":0,\"Canceled\":false,\"Created\":false}\n");
  }

  @Test
  void membersLookAsEtcdctlHasThem() {
    MemberListResponse answer =
        MemberListResponse.newBuilder()
            .setHeader(HEADER)
            .addMembers(
                Member.newBuilder()
                    .setID(6662698563040693991L)
                    .setName("default")
                    .addPeerURLs("http://127.0.0.1:33380")
                    .addClientURLs("http://127.0.0.1:33379"))
            .build();
    assertThat(simple.members(answer).toStringUtf8())
        .isEqualTo(
            "5c76a90ae78bcee7, started, default, http://127.0.0.1:33380, http://127.0.0.1:33379, false\n");
    assertThat(json.members(answer).toStringUtf8())
        .isEqualTo(
            "{\"header\":{"
                + HEADER_FIELDS
                + "},\"members\":[{\"ID\":6662698563040693991,\"name\":\"default\",\"peerURLs\":"
                + "[\"http://127.0.0.1:33380\"],\"clientURLs\":[\"http://127.0.0.1:33379\"]}]}\n");
    assertThat(table.members(answer).toStringUtf8())
        .isEqualTo(
            """
            +------------------+---------+---------+------------------------+------------------------+------------+
            |        ID        | STATUS  |  NAME   |       PEER ADDRS       |      CLIENT ADDRS      | IS LEARNER |
            +------------------+---------+---------+------------------------+------------------------+------------+
            | 5c76a90ae78bcee7 | started | default | http://127.0.0.1:33380 | http://127.0.0.1:33379 |      false |
            +------------------+---------+---------+------------------------+------------------------+------------+
            """);
  }

  @Test
  void endpointsLookAsEtcdctlHasThem() {
    EndpointStatus status =
        new EndpointStatus(
            "127.0.0.1:33379",
            StatusResponse.newBuilder()
                .setHeader(HEADER)
                .setVersion("3.4.23")
                .setDbSize(20480)
                .setLeader(HEADER.getMemberId())
                .setRaftTerm(2)
                .setRaftIndex(39)
                .setRaftAppliedIndex(39)
                .build());
    assertThat(simple.statuses(List.of(status)).toStringUtf8())
        .isEqualTo("127.0.0.1:33379, 5c76a90ae78bcee7, 3.4.23, 20 kB, true, false, 2, 39, 39, \n");
    assertThat(table.statuses(List.of(status)).toStringUtf8())
        .contains("|  3.4.23 |   20 kB |      true |      false |         2 |         39 |");
    List<EndpointHealth> healths =
        List.of(
            new EndpointHealth("a:1", Duration.ofNanos(1_793_454), ""),
            new EndpointHealth("b:1", Duration.ofSeconds(2), "Connection refused"));
    assertThat(simple.healths(healths).toStringUtf8())
        .isEqualTo(
            """
            a:1 is healthy: successfully committed proposal: took = 1.793454ms
            b:1 is unhealthy: failed to commit proposal: Connection refused
            """);
    assertThat(json.healths(healths).toStringUtf8())
        .isEqualTo(
            "[{\"endpoint\":\"a:1\",\"health\":true,\"took\":\"1.793454ms\"},"
                + "{\"endpoint\":\"b:1\",\"health\":false,\"took\":\"2s\",\"error\":\"Connection refused\"}]\n");
  }

  @Test
  void sizesHaveTwoDigitsAtLeast() {
    assertThat(List.of(999L, 1000L, 20480L, 1_500_000L, 123_456_789L, Long.MAX_VALUE))
        .extracting(GoText::size)
        .containsExactly("999 B", "1.0 kB", "20 kB", "1.5 MB", "124 MB", "9.2 EB");
  }

  @Test
  void quotesGoThereAndBack() {
    assertThat(GoText.quoted(bytes("a\"b\\\n\u0001é"))).isEqualTo("\"a\\\"b\\\\\\n\\x01é\"");
    assertThat(GoText.quoted(ByteString.copyFrom(new byte[] {(byte) 0xff, 'a'})))
        .isEqualTo("\"\\xffa\"");
    assertThat(GoText.words("put  key \"some \\\"value\" 'raw \\n' x\"y\" ''"))
        .containsExactly("put", "key", "some \"value", "raw \\n", "xy", "");
    assertThatThrownBy(() -> GoText.words("put \"x")).hasMessage("a quote is not closed");
  }
}
