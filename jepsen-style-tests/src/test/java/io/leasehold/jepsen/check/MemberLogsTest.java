package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberLogsTest {
  private static final List<Entry> NOTHING_BROKEN = List.of();

  private static Verdict judge(List<Entry> entries, String... lines) throws IOException {
    MemberLogs logs = new MemberLogs(new History(entries));
    logs.read("n1", new BufferedReader(new StringReader(String.join("\n", lines))));
    return logs.verdict();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "java.lang.OutOfMemoryError: Java heap space",
        "Terminating due to java.lang.OutOfMemoryError: Java heap space",
        "# A fatal error has been detected by the Java Runtime Environment:",
        "Exception in thread \"apply\" java.lang.IllegalStateException: no",
        "leasehold: cannot start: org.rocksdb.RocksDBException: Corruption: block checksum",
        "ERROR NodeImpl Node <lease/1> is in state STATE_ERROR",
        "ERROR NodeImpl append [9, 9] failed, status=Status[EIO<1014>: Corrupted LogStorage].",
        "panic: tocommit(4) is out of range",
        "ERROR: ld.so: object 'x.so' from LD_PRELOAD cannot be preloaded: ignored.",
        "\tat io.leasehold.core.Lessor.tick(Lessor.java:12)",
        "    at java.base/java.lang.Thread.run(Unknown Source)",
        "\tat io.leasehold.core.Lessor$Owner.lambda$run$0(Lessor.java:12)"
      })
  void aLineThatMustNotBeThereIsFound(String line) throws IOException {
    Verdict verdict = judge(NOTHING_BROKEN, "INFO  all is well", line, "INFO  all is well");

    assertThat(verdict.ruling()).isEqualTo(Ruling.VIOLATED);
    assertThat(verdict.reason()).startsWith("n1 ").contains(line.strip());
  }

  @Test
  void whatMembersSayInGoodOrderIsNoFinding() throws IOException {
    assertThat(
            judge(
                    NOTHING_BROKEN,
                    "2026-11-21T16:38:24.930Z INFO  JraftReplica leading term 1: 0 leases promoted",
                    "2026-11-21T16:38:54.775Z ERROR NodeImpl Fail to add a replicator, peer=n1:1.",
                    "ERROR NodeImpl Fail to run, status: Status[EPERM<1008>: Leader stepped down].",
                    "WARN  look at (this)")
                .ruling())
        .isEqualTo(Ruling.OK);
    assertThat(judge(NOTHING_BROKEN, new String[0]).ruling()).isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void aStackTraceIsOneFindingAndSaysWhatHappened() throws IOException {
    Verdict verdict =
        judge(
            NOTHING_BROKEN,
            "ERROR KeyReads a read failed",
            "java.lang.IllegalStateException: closed",
            "\tat a.B.c(B.java:1)",
            "\tat a.B.d(B.java:2)");

    assertThat(verdict.violations()).hasSize(1);
    assertThat(verdict.reason()).contains("IllegalStateException: closed", "a.B.c(B.java:1)");
  }

  @Test
  void aLogThatCannotBeWrittenIsExplainedByItsDisk() throws IOException {
    String line = "ERROR NodeImpl append [9, 9] failed, Status[EIO<1014>: Corrupted LogStorage].";

    assertThat(judge(List.of(new FaultWindow("FAILING_DISK_ONE", "n1", 0, 1)), line).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(judge(List.of(new FaultWindow("SLOW_DISK_ONE", "n1", 0, 1)), line).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void onlyAFaultThatAskedForItExplainsAFinding() throws IOException {
    String line = "leasehold: raft/log: Corruption: bad record";

    assertThat(judge(List.of(new FaultWindow("FLIP_LOG", "n1", 0, 1)), line).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(judge(List.of(new FaultWindow("KILL_ONE", "n1", 0, 1)), line).ruling())
        .isEqualTo(Ruling.VIOLATED);
    assertThat(judge(List.of(new FaultWindow("FAILING_DISK_ONE", "n1", 0, 1)), line).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }
}
