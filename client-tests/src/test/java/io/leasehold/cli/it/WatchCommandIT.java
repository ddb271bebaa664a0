package io.leasehold.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.cli.it.Tool.Result;
import io.leasehold.client.Bytes;
import io.leasehold.client.KeyRange;
import io.leasehold.client.LeaseClient;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code leasectl watch}, {@code lease keep-alive} and {@code top} as processes. */
final class WatchCommandIT extends OnEachServer {
  private final List<Program> started = new ArrayList<>();
  private LeaseClient client;

  @BeforeEach
  void connect() {
    client = LeaseClient.connect(cluster.endpoints());
  }

  @AfterEach
  void end() {
    started.forEach(Program::close);
    client.close();
  }

  private Program run(String... words) {
    Program program = Program.start(home, cluster.endpoints(), words);
    started.add(program);
    return program;
  }

  private long put(String key, String value) {
    return client.keys().put(Bytes.of(key), Bytes.of(value));
  }

  @Test
  void changesAreToldInEtcdctlsWordsAndRunACommand() {
    long first = put("w/1", "a");
    put("w/1", "b");
    client.keys().delete(KeyRange.of(Bytes.of("w/1")));
    Program plain = run("watch", "w/", "--prefix", "--rev=" + first, "--prev-kv");
    plain.awaitOutput("DELETE\nw/1\nb\nw/1\n\n", SOON);
    assertThat(plain.output())
        .isEqualTo("PUT\nw/1\na\nPUT\nw/1\na\nw/1\nb\nDELETE\nw/1\nb\nw/1\n\n");
    Program commanding =
        run("watch", "w/1", "--rev=" + first, "--", "sh", "-c", "env | grep ETCD_WATCH_ | sort");
    commanding.awaitOutput("ETCD_WATCH_EVENT_TYPE=\"DELETE\"", SOON);
    assertThat(commanding.output())
        .contains("ETCD_WATCH_EVENT_TYPE=\"PUT\"\nETCD_WATCH_KEY=\"w/1\"\n")
        .contains("ETCD_WATCH_VALUE=\"a\"\n");
  }

  @Test
  void watchesAreTypedOneAfterTheOther() {
    long first = put("i/1", "a");
    Program typed = Program.startTyping(home, cluster.endpoints(), "watch", "-i");
    started.add(typed);
    typed.type("watch i/1 --rev=" + first);
    typed.awaitOutput("PUT\ni/1\na\n", SOON);
    typed.type("watch i/2 i/9 --rev=" + first);
    put("i/3", "b");
    put("i/1", "c");
    typed.awaitOutput("PUT\ni/3\nb\n", SOON);
    typed.awaitOutput("PUT\ni/1\nc\n", SOON);
    typed.type("get i/1");
    assertThat(typed.awaitExit(SOON)).isEqualTo(3);
    assertThat(typed.output())
        .endsWith("Error: Invalid command get i/1 (command must be 'watch')\n");
  }

  @Test
  void aWatchGoesOnWhenItsMemberDies() {
    Program watching = run("watch", "d/", "--prefix");
    Conditions.await(
        "the watch hears",
        SOON,
        () -> {
          put("d/probe", "x");
          return watching.output().contains("d/probe");
        });
    for (MemberProcess member : cluster.members()) {
      member.kill();
      cluster.leader(member);
      Conditions.await("a put", SOON, () -> put("d/" + member.name(), "x") > 0);
      watching.awaitOutput("d/" + member.name(), SOON);
      member.start();
      cluster.awaitReady();
    }
  }

  @Test
  void aWatchOfForgottenHistorySaysSo() {
    long first = put("f/1", "a");
    put("f/1", "b");
    Result compacted =
        Tool.LEASECTL.run(
            cluster.endpoints(), "", List.of("compaction", Long.toString(put("f/1", "c"))));
    assertThat(compacted.code()).isZero();
    Result watched =
        Tool.LEASECTL.run(
            cluster.endpoints(), "", List.of("watch", "f/1", "--rev", Long.toString(first)));
    assertThat(watched.code()).isEqualTo(5);
    assertThat(watched.err())
        .isEqualTo(
            """
            watch was canceled (etcdserver: mvcc: required revision has been compacted)
            Error: watch is canceled by the server
            """);
  }

  @Test
  void aLeaseIsKeptAliveUntilItIsRevoked() {
    long id = client.leases().grant(Duration.ofSeconds(3)).id();
    String line = "lease %016x keepalived with TTL(3)\n".formatted(id);
    Program keeping = run("lease", "keep-alive", Long.toHexString(id));
    keeping.awaitOutput(line.repeat(4), SOON);
    client.leases().revoke(id);
    assertThat(keeping.awaitExit(SOON)).isZero();
    assertThat(keeping.output()).endsWith("lease %016x expired or revoked.\n".formatted(id));
  }

  @Test
  void topShowsMembersAndTheLeasesThatEndSoonest() {
    long late = client.leases().grant(Duration.ofSeconds(500)).id();
    long soon = client.leases().grant(Duration.ofSeconds(100)).id();
    put("top", "x");
    Result once = Tool.LEASECTL.run(cluster.endpoints(), "", List.of("top", "--once", "--cluster"));
    assertThat(once.code()).isZero();
    assertThat(once.out()).contains("3 of 3 members answer, leader http://");
    assertThat(once.out()).containsSubsequence("%016x".formatted(soon), "%016x".formatted(late));
    Program live = run("top", "--interval", "500ms");
    Conditions.await(
        "three frames",
        SOON,
        () -> live.output().lines().filter(line -> line.contains("members answer")).count() >= 3);
    assertThat(live.output()).doesNotContain("\u001b");
    client.leases().revoke(late);
    client.leases().revoke(soon);
  }
}
