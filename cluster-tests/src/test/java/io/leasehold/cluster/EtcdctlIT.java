package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What etcd's own command line prints when it talks to Leasehold. */
@Timeout(180)
final class EtcdctlIT {
  private static final Pattern GRANTED =
      Pattern.compile("lease ([0-9a-f]+) granted with TTL\\(10s\\)\\n");

  @TempDir Path home;

  @Test
  void leaseCommandsPrintTheirUsualOutputAgainstEveryMember() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      for (MemberProcess member : cluster.members()) {
        String endpoint = member.endpoint();
        Matcher granted = GRANTED.matcher(Etcdctl.output(endpoint, "lease", "grant", "10"));
        assertThat(granted.matches()).isTrue();
        String id = granted.group(1);

        assertThat(Etcdctl.output(endpoint, "lease", "keep-alive", "--once", id))
            .isEqualTo("lease " + id + " keepalived with TTL(10)\n");
        assertThat(Etcdctl.output(endpoint, "lease", "timetolive", id))
            .matches("lease " + id + " granted with TTL\\(10s\\), remaining\\((9|10)s\\)\\n");
        assertThat(Etcdctl.output(endpoint, "lease", "timetolive", "--keys", id))
            .matches(
                "lease "
                    + id
                    + " granted with TTL\\(10s\\), remaining\\((9|10)s\\), attached keys\\(\\[\\]\\)\\n");
        assertThat(Etcdctl.output(endpoint, "lease", "list"))
            .isEqualTo("found 1 leases\n" + id + "\n");
        for (MemberProcess other : cluster.members()) {
          assertThat(Etcdctl.output(other.endpoint(), "lease", "list")).contains(id);
        }
        assertThat(Etcdctl.output(endpoint, "lease", "revoke", id))
            .isEqualTo("lease " + id + " revoked\n");
        assertThat(Etcdctl.output(endpoint, "lease", "timetolive", id))
            .isEqualTo("lease " + id + " already expired\n");
        assertThat(Etcdctl.output(endpoint, "lease", "list")).isEqualTo("found 0 leases\n");
        System.out.println("etcdctl against " + member.name() + " at " + endpoint + ": as usual");
      }
    }
  }

  @Test
  void keepAliveGoesOnUntilTheLeaseIsRevoked() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      String endpoint = cluster.follower().endpoint();
      Matcher granted = GRANTED.matcher(Etcdctl.output(endpoint, "lease", "grant", "10"));
      assertThat(granted.matches()).isTrue();
      String id = granted.group(1);
      String line = "lease " + id + " keepalived with TTL(10)";
      try (Etcdctl.Running keepAlive = Etcdctl.start(home, endpoint, "lease", "keep-alive", id)) {
        assertThat(keepAlive.awaitLines(2, Duration.ofSeconds(15))).containsOnly(line);

        assertThat(Etcdctl.output(endpoint, "lease", "revoke", id)).contains("revoked");

        keepAlive.awaitExit();
        assertThat(keepAlive.output()).endsWith("lease " + id + " expired or revoked.\n");
      }
    }
  }

  @Test
  void memberListAndEndpointStatusNameTheMembersAndOneLeader() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      Conditions.await(
          "every member is listed with its client URL",
          Duration.ofSeconds(30),
          () -> {
            String list = Etcdctl.output(cluster.endpoints(), "member", "list");
            return cluster.members().stream()
                .allMatch(
                    member ->
                        list.contains(", started, " + member.name() + ", ")
                            && list.contains("http://" + member.endpoint()));
          });

      // Columns: endpoint, ID, version, size, is leader, is learner, term, index, applied index.
      List<String> status =
          Conditions.awaitValue(
              "one member that says it leads",
              Duration.ofSeconds(30),
              () -> {
                List<String> lines =
                    Etcdctl.output(cluster.endpoints(), "endpoint", "status").lines().toList();
                long leading =
                    lines.stream().filter(line -> line.split(", ", -1)[4].equals("true")).count();
                return leading == 1 ? lines : null;
              });

      assertThat(status).hasSize(3);
      for (int i = 0; i < status.size(); i++) {
        assertThat(status.get(i)).startsWith(cluster.member(i).endpoint() + ", ");
      }
    }
  }

  @Test
  void keyCommandsPrintTheirUsualOutputAgainstEveryMember() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      for (MemberProcess member : cluster.members()) {
        String endpoint = member.endpoint();
        assertThat(Etcdctl.output(endpoint, "put", "a/1", "one")).isEqualTo("OK\n");
        assertThat(Etcdctl.output(endpoint, "put", "a/2", "two")).isEqualTo("OK\n");
        assertThat(Etcdctl.output(endpoint, "put", "--prev-kv", "a/1", "uno"))
            .isEqualTo("OK\na/1\none\n");
        assertThat(Etcdctl.output(endpoint, "get", "a/1")).isEqualTo("a/1\nuno\n");
        assertThat(Etcdctl.output(endpoint, "get", "--prefix", "--keys-only", "a/"))
            .isEqualTo("a/1\n\na/2\n\n");
        assertThat(
                Etcdctl.output(
                    endpoint,
                    "get",
                    "--prefix",
                    "--sort-by=CREATE",
                    "--order=DESCEND",
                    "--limit=1",
                    "a/"))
            .isEqualTo("a/2\ntwo\n");
        Matcher granted = GRANTED.matcher(Etcdctl.output(endpoint, "lease", "grant", "10"));
        assertThat(granted.matches()).isTrue();
        String lease = granted.group(1);
        assertThat(Etcdctl.output(endpoint, "put", "--lease=" + lease, "a/3", "three"))
            .isEqualTo("OK\n");
        assertThat(Etcdctl.output(endpoint, "lease", "timetolive", "--keys", lease))
            .contains("attached keys([a/3])");
        assertThat(Etcdctl.output(endpoint, "lease", "revoke", lease)).contains("revoked");
        assertThat(Etcdctl.output(endpoint, "get", "a/3")).isEmpty();
        assertThat(Etcdctl.output(endpoint, "del", "--prefix", "a/")).isEqualTo("2\n");
        assertThat(Etcdctl.output(endpoint, "endpoint", "health")).contains("is healthy");
        assertThat(Etcdctl.output(endpoint, "defrag")).contains("Finished defragmenting");
        assertThat(Etcdctl.output(endpoint, "alarm", "list")).isEmpty();
        assertThat(Etcdctl.run(endpoint, "put", "--lease=1234", "a", "b").output())
            .contains("etcdserver: requested lease not found");
        assertThat(Etcdctl.run(endpoint, "compaction", "1000000").output())
            .contains("etcdserver: mvcc: required revision is a future revision");
      }
      assertThat(
              Etcdctl.output(cluster.endpoints(), "endpoint", "hashkv")
                  .lines()
                  .map(line -> line.split(", ", -1)[1])
                  .distinct())
          .hasSize(1);
    }
  }

  @Test
  void leadershipMovesToTheMemberThatIsNamed() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      MemberProcess target = cluster.follower();
      String id = Long.toHexString(target.status().getHeader().getMemberId());
      assertThat(Etcdctl.output(cluster.endpoints(), "move-leader", id))
          .contains("Leadership transferred");
      assertThat(cluster.leader()).isSameAs(target);
    }
  }

  @Test
  void refusalsAreEtcdsOwn() {
    Etcdctl.assumeInstalled();
    try (Cluster cluster = Cluster.start(home)) {
      String endpoint = cluster.follower().endpoint();

      assertThat(Etcdctl.run(endpoint, "lease", "revoke", "1234").output())
          .contains("etcdserver: requested lease not found");
      assertThat(Etcdctl.run(endpoint, "lease", "grant", "9000000001").output())
          .contains("etcdserver: too large lease TTL");
      assertThat(Etcdctl.output(endpoint, "lease", "timetolive", "1234"))
          .isEqualTo("lease 0000000000001234 already expired\n");
      assertThat(Etcdctl.run(endpoint, "lease", "keep-alive", "--once", "1234").output())
          .contains("requested lease not found");
    }
  }
}
