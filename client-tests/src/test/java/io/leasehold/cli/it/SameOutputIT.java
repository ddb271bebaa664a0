package io.leasehold.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.cli.it.Tool.Result;
import io.leasehold.cluster.Programs;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The same script through the real etcdctl and through leasectl: the same output, the same exit
 * codes, the same last line of what went wrong. Revisions, IDs and times are left out.
 */
final class SameOutputIT extends OnEachServer {
  private static final Pattern GRANTED = Pattern.compile("lease ([0-9a-f]{16}) granted");

  private static final String TRANSACTION =
      """
      mod("n1") > "0"
      version("n1") = "1"

      put n2 "hello world"
      get n1
      del n3

      get n1

      """;

  private static final String TRANSACTION_THAT_FAILS =
      "value(\"n1\") = \"6\"\n\nput n2 \"x\"\n\nget n1\n\n";

  @BeforeEach
  void needsEtcdctl() {
    Programs.assume(
        Programs.isInstalled("etcdctl", "version"),
        "etcdctl is not installed (Debian package etcd-client)");
  }

  /** Runs lines; {@code $L} in them is the lease granted last. Returns what they printed. */
  private static List<String> transcript(Tool tool, String input, String... lines) {
    String endpoint = cluster.leader().endpoint();
    String lease = "";
    List<String> transcript = new ArrayList<>();
    for (String line : lines) {
      List<String> words = new ArrayList<>();
      for (String word : line.replace("$L", lease).split(" ", -1)) {
        words.add(word.equals("''") ? "" : word);
      }
      Result result = tool.run(endpoint, input, words);
      Matcher granted = GRANTED.matcher(result.out());
      if (granted.find()) {
        lease = granted.group(1);
      }
      String error =
          result.err().lines().filter(one -> one.startsWith("Error: ")).findFirst().orElse("");
      transcript.add(
          line + "\n" + normal(result.out()) + normal(error) + "[" + result.code() + "]");
    }
    return transcript;
  }

  private static String normal(String text) {
    // What etcd 3.4 does not know yet.
    return text.replaceAll(",\"(storageVersion|dbSizeQuota|hash_revision)\":(\"[^\"]*\"|\\d+)", "")
        .replaceAll("\"(id|ID|lease)\":\\d{6,}", "\"$1\":N")
        .replaceAll("revision\":\\d+", "revision\":R")
        .replaceAll("[0-9a-f]{16}", "HEX")
        .replaceAll("remaining\\(\\d+s\\)", "remaining(T)")
        .replaceAll("\"ttl\":\\d+", "\"ttl\":T")
        .replaceAll("took = [0-9.]+.?s", "took = D")
        .replaceAll("\"took\":\"[^\"]*\"", "\"took\":D")
        // A term, an index, and an index: etcd adds entries of its own.
        .replaceAll("\"raft(Index|AppliedIndex)\":\\d+", "\"raft$1\":I")
        .replaceAll("\\d+, \\d+, \\d+, ", "I, I, I, ")
        .replaceAll("( +\\d+ \\|){3} +\\|", " I | I | I | |");
  }

  private static void assertSame(String input, String... lines) {
    List<String> expected = transcript(Tool.ETCDCTL, input, lines);
    List<String> ours = transcript(Tool.LEASECTL, input, lines);
    assertThat(ours).containsExactlyElementsOf(expected);
  }

  @Test
  void leases() {
    assertSame(
        "",
        "lease grant 60",
        "put leased x --lease $L",
        "lease timetolive $L",
        "lease timetolive $L --keys",
        "lease timetolive $L --keys -w json",
        "lease timetolive $L -w json",
        "lease list",
        "lease list -w json",
        "lease keep-alive --once $L",
        "lease keep-alive --once $L -w json",
        "lease revoke $L -w json",
        "lease timetolive $L",
        "lease timetolive 1234 -w json",
        "lease revoke 1234",
        "lease keep-alive --once 1234",
        "lease keep-alive 1234",
        "lease timetolive zz",
        "lease timetolive",
        "lease grant",
        "lease grant xx",
        "lease list -w table",
        "lease list");
  }

  @Test
  void keys() {
    assertSame(
        "from standard input\n",
        "del k --prefix",
        "put k/a 1",
        "put k/a 2 --prev-kv",
        "put k/a 3 --prev-kv -w json",
        "put k/b 1 -w json",
        "put k/c",
        "put -- k/-x -y",
        "put k/a --ignore-value",
        "put k/a 9 --ignore-lease",
        "put k/z 9 --lease=1234",
        "put k/z 9 --lease=zz",
        "put",
        "get k/a",
        "get k/a -w json",
        "get k/a --hex",
        "get k/a --print-value-only",
        "get k/c --print-value-only",
        "get k/ --prefix --keys-only",
        "get k/ --prefix --keys-only -w json",
        "get k/ --prefix --limit 2",
        "get k/ --prefix --limit 2 -w json",
        "get k/a k/c",
        "get k/a --from-key --limit=1",
        "get k/ --prefix --order=DESCEND",
        "get k/ --prefix --order=DESCEND --sort-by=MODIFY",
        "get k/ --prefix --sort-by=VERSION --order=ascend",
        "get k/ --prefix --sort-by=CREATE",
        "get k/ --prefix --sort-by=VALUE",
        "get k/a --consistency=s",
        "get k/none",
        "get k/none -w json",
        "get k/a --rev=99999999",
        "get ''",
        "get k/a --prefix --from-key",
        "get k/a --order=FOO",
        "get k/a --sort-by=X",
        "get k/a --consistency=q",
        "get",
        "del k/b --prev-kv",
        "del k/a --prev-kv -w json",
        "del k/none",
        "del k/a b c",
        "del k/ --prefix");
  }

  @Test
  void transactions() {
    String[] lines = {"put n1 5", "txn", "txn -w json", "txn -i", "del n --prefix"};
    assertSame(TRANSACTION, lines);
    assertSame(TRANSACTION_THAT_FAILS, lines);
    assertSame("\nfoo a\n\n\n", "txn -i", "txn a");
  }

  @Test
  void historyIsForgotten() {
    assertSame("", "put h 1", "put h 2", "get h --rev=1");
    for (Tool tool : Tool.values()) {
      tool.run(cluster.endpoints(), "", List.of("put", "h", "3"));
      Result now = tool.run(cluster.endpoints(), "", List.of("get", "h", "-w", "json"));
      Matcher revision = Pattern.compile("\"mod_revision\":(\\d+)").matcher(now.out());
      assertThat(revision.find()).isTrue();
      assertThat(tool.run(cluster.endpoints(), "", List.of("compaction", revision.group(1))))
          .isEqualTo(new Result(0, "compacted revision " + revision.group(1) + "\n", ""));
      Result again = tool.run(cluster.endpoints(), "", List.of("compaction", revision.group(1)));
      assertThat(again.code()).isEqualTo(1);
      assertThat(again.err())
          .endsWith("Error: etcdserver: mvcc: required revision has been compacted\n");
    }
    assertSame("", "get h --rev=2", "compaction 99999999", "compaction", "compaction x");
  }

  @Test
  void members() {
    assertSame(
        "",
        "member list",
        "member list -w json",
        "member list -w table",
        "endpoint health",
        "endpoint health -w json",
        "endpoint status",
        "endpoint status -w json",
        "endpoint status -w table",
        "endpoint status --cluster",
        "endpoint hashkv",
        "endpoint hashkv -w json",
        "endpoint hashkv -w table",
        "alarm list",
        "alarm list -w json",
        "alarm disarm",
        "move-leader 1234",
        "move-leader zz",
        "move-leader");
  }

  @Test
  void theLeadershipIsHandedOn() {
    for (Tool tool : Tool.values()) {
      String target =
          tool.run(cluster.follower().endpoint(), "", List.of("endpoint", "status"))
              .out()
              .split(", ", -1)[1];
      Result moved = tool.run(cluster.endpoints(), "", List.of("move-leader", target));
      assertThat(moved.out()).matches("Leadership transferred from [0-9a-f]+ to " + target + "\n");
      assertThat(moved.code()).isZero();
      cluster.awaitReady();
    }
  }
}
