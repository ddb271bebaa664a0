package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
  void leaseCommandsPrintTheirUsualOutputAgainstEveryMember() throws Exception {
    assumeEtcdctl();
    try (Cluster cluster = Cluster.start(home)) {
      for (MemberProcess member : cluster.members()) {
        String endpoint = member.endpoint();
        Matcher granted = GRANTED.matcher(etcdctl(endpoint, "lease", "grant", "10"));
        assertThat(granted.matches()).isTrue();
        String id = granted.group(1);

        assertThat(etcdctl(endpoint, "lease", "keep-alive", "--once", id))
            .isEqualTo("lease " + id + " keepalived with TTL(10)\n");
        assertThat(etcdctl(endpoint, "lease", "timetolive", id))
            .matches("lease " + id + " granted with TTL\\(10s\\), remaining\\((9|10)s\\)\\n");
        assertThat(etcdctl(endpoint, "lease", "timetolive", "--keys", id))
            .matches(
                "lease "
                    + id
                    + " granted with TTL\\(10s\\), remaining\\((9|10)s\\), attached keys\\(\\[\\]\\)\\n");
        assertThat(etcdctl(endpoint, "lease", "list")).isEqualTo("found 1 leases\n" + id + "\n");
        for (MemberProcess other : cluster.members()) {
          assertThat(etcdctl(other.endpoint(), "lease", "list")).contains(id);
        }
        assertThat(etcdctl(endpoint, "lease", "revoke", id))
            .isEqualTo("lease " + id + " revoked\n");
        assertThat(etcdctl(endpoint, "lease", "timetolive", id))
            .isEqualTo("lease " + id + " already expired\n");
        assertThat(etcdctl(endpoint, "lease", "list")).isEqualTo("found 0 leases\n");
        System.out.println("etcdctl against " + member.name() + " at " + endpoint + ": as usual");
      }
    }
  }

  @Test
  void keepAliveGoesOnUntilTheLeaseIsRevoked() throws Exception {
    assumeEtcdctl();
    try (Cluster cluster = Cluster.start(home)) {
      String endpoint = cluster.follower().endpoint();
      Matcher granted = GRANTED.matcher(etcdctl(endpoint, "lease", "grant", "10"));
      assertThat(granted.matches()).isTrue();
      String id = granted.group(1);
      Path output = home.resolve("keep-alive.out");
      Process keepAlive =
          start(List.of("--endpoints=" + endpoint, "lease", "keep-alive", id))
              .redirectOutput(output.toFile())
              .start();
      try {
        String line = "lease " + id + " keepalived with TTL(10)";
        Conditions.await("two renewals", Duration.ofSeconds(15), () -> count(output, line) >= 2);

        assertThat(etcdctl(endpoint, "lease", "revoke", id)).contains("revoked");

        assertThat(keepAlive.waitFor(15, TimeUnit.SECONDS)).isTrue();
        assertThat(java.nio.file.Files.readString(output))
            .endsWith("lease " + id + " expired or revoked.\n");
      } finally {
        keepAlive.destroyForcibly();
      }
    }
  }

  @Test
  void memberListAndEndpointStatusNameTheMembersAndOneLeader() throws Exception {
    assumeEtcdctl();
    try (Cluster cluster = Cluster.start(home)) {
      Conditions.await(
          "every member is listed with its client URL",
          Duration.ofSeconds(30),
          () -> {
            String list = etcdctl(cluster.endpoints(), "member", "list");
            return cluster.members().stream()
                .allMatch(
                    member ->
                        list.contains(", started, " + member.name() + ", ")
                            && list.contains("http://" + member.endpoint()));
          });

      List<String> status = etcdctl(cluster.endpoints(), "endpoint", "status").lines().toList();

      assertThat(status).hasSize(3);
      for (int i = 0; i < status.size(); i++) {
        assertThat(status.get(i)).startsWith(cluster.member(i).endpoint() + ", ");
      }
      // Columns: endpoint, ID, version, size, is leader, is learner, term, index, applied index.
      assertThat(status.stream().filter(line -> line.split(", ", -1)[4].equals("true"))).hasSize(1);
    }
  }

  @Test
  void keyCommandsPrintTheirUsualOutputAgainstEveryMember() throws Exception {
    assumeEtcdctl();
    try (Cluster cluster = Cluster.start(home)) {
      for (MemberProcess member : cluster.members()) {
        String endpoint = member.endpoint();
        assertThat(etcdctl(endpoint, "put", "a/1", "one")).isEqualTo("OK\n");
        assertThat(etcdctl(endpoint, "put", "a/2", "two")).isEqualTo("OK\n");
        assertThat(etcdctl(endpoint, "put", "--prev-kv", "a/1", "uno")).isEqualTo("OK\na/1\none\n");
        assertThat(etcdctl(endpoint, "get", "a/1")).isEqualTo("a/1\nuno\n");
        assertThat(etcdctl(endpoint, "get", "--prefix", "--keys-only", "a/"))
            .isEqualTo("a/1\n\na/2\n\n");
        assertThat(
                etcdctl(
                    endpoint,
                    "get",
                    "--prefix",
                    "--sort-by=CREATE",
                    "--order=DESCEND",
                    "--limit=1",
                    "a/"))
            .isEqualTo("a/2\ntwo\n");
        Matcher granted = GRANTED.matcher(etcdctl(endpoint, "lease", "grant", "10"));
        assertThat(granted.matches()).isTrue();
        String lease = granted.group(1);
        assertThat(etcdctl(endpoint, "put", "--lease=" + lease, "a/3", "three")).isEqualTo("OK\n");
        assertThat(etcdctl(endpoint, "lease", "timetolive", "--keys", lease))
            .contains("attached keys([a/3])");
        assertThat(etcdctl(endpoint, "lease", "revoke", lease)).contains("revoked");
        assertThat(etcdctl(endpoint, "get", "a/3")).isEmpty();
        assertThat(etcdctl(endpoint, "del", "--prefix", "a/")).isEqualTo("2\n");
        assertThat(etcdctl(endpoint, "endpoint", "health")).contains("is healthy");
        assertThat(etcdctl(endpoint, "defrag")).contains("Finished defragmenting");
        assertThat(etcdctl(endpoint, "alarm", "list")).isEmpty();
        assertThat(run(endpoint, "put", "--lease=1234", "a", "b").output())
            .contains("etcdserver: requested lease not found");
        assertThat(run(endpoint, "compaction", "1000000").output())
            .contains("etcdserver: mvcc: required revision is a future revision");
      }
      assertThat(
              etcdctl(cluster.endpoints(), "endpoint", "hashkv")
                  .lines()
                  .map(line -> line.split(", ", -1)[1])
                  .distinct())
          .hasSize(1);
    }
  }

  @Test
  void leadershipMovesToTheMemberThatIsNamed() throws Exception {
    assumeEtcdctl();
    try (Cluster cluster = Cluster.start(home)) {
      MemberProcess target = cluster.follower();
      String id = Long.toHexString(target.status().getHeader().getMemberId());
      assertThat(etcdctl(cluster.endpoints(), "move-leader", id))
          .contains("Leadership transferred");
      assertThat(cluster.leader()).isSameAs(target);
    }
  }

  @Test
  void refusalsAreEtcdsOwn() throws Exception {
    assumeEtcdctl();
    try (Cluster cluster = Cluster.start(home)) {
      String endpoint = cluster.follower().endpoint();

      assertThat(run(endpoint, "lease", "revoke", "1234").output())
          .contains("etcdserver: requested lease not found");
      assertThat(run(endpoint, "lease", "grant", "9000000001").output())
          .contains("etcdserver: too large lease TTL");
      assertThat(etcdctl(endpoint, "lease", "timetolive", "1234"))
          .isEqualTo("lease 0000000000001234 already expired\n");
      assertThat(run(endpoint, "lease", "keep-alive", "--once", "1234").output())
          .contains("requested lease not found");
    }
  }

  private static void assumeEtcdctl() throws Exception {
    boolean isInstalled;
    try {
      isInstalled = start(List.of("version")).start().waitFor() == 0;
    } catch (IOException e) {
      isInstalled = false;
    }
    if (!isInstalled) {
      System.out.println("Skipped: etcdctl is not installed (Debian package etcd-client)");
    }
    assumeTrue(isInstalled, "etcdctl is not installed");
  }

  private record Result(int code, String output) {}

  private static String etcdctl(String endpoints, String... arguments) throws Exception {
    Result result = run(endpoints, arguments);
    assertThat(result.code()).as(result.output()).isZero();
    return result.output();
  }

  private static Result run(String endpoints, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("--endpoints=" + endpoints));
    all.addAll(List.of(arguments));
    Process process = start(all).start();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("etcdctl hangs: " + all);
    }
    return new Result(
        process.exitValue(),
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
  }

  private static ProcessBuilder start(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("etcdctl"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    return builder;
  }

  private static long count(Path file, String line) throws IOException {
    return java.nio.file.Files.readString(file).lines().filter(line::equals).count();
  }
}
