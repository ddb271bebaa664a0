package io.leasehold.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.Bytes;
import io.leasehold.client.KeyEntry;
import io.leasehold.client.KeyRange;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.Session;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code leasectl lock} and {@code elect} as processes. */
final class LockCommandIT extends OnEachServer {
  /** Appends the time to a file again and again, and does not hear TERM. */
  private static final String DEAF =
      "trap '' TERM; while :; do date +%s%3N >>FILE; sleep 0.05; done";

  private static final String TTL = "4";

  private final List<Program> started = new ArrayList<>();
  private LeaseClient client;
  private Path marks;

  @BeforeEach
  void connect() throws IOException {
    client = LeaseClient.connect(cluster.endpoints());
    marks = Files.createTempFile(home, "marks", "");
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

  private Program runDeaf(String lock) {
    Program program =
        run("lock", lock, "--ttl", TTL, "--", "sh", "-c", DEAF.replace("FILE", marks.toString()));
    Conditions.await("the command runs", SOON, () -> Files.size(marks) > 0);
    return program;
  }

  private long lastMarkMillis() {
    try {
      List<String> lines = Files.readAllLines(marks);
      return Long.parseLong(lines.get(lines.size() - 1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private KeyEntry holder(String lock) {
    return client.keys().read(Read.of(KeyRange.prefix(Bytes.of(lock + "/")))).entries().get(0);
  }

  @Test
  void theCommandFindsKeyTokenAndDeadlineAndItsExitCodeIsReturned() {
    Program program =
        run(
            "lock",
            "env",
            "--ttl",
            "10",
            "--",
            "sh",
            "-c",
            "env | grep -E '^(ETCD|LEASE)_LOCK'; exit 7");
    assertThat(program.awaitExit(SOON)).isEqualTo(7);
    String output = program.output();
    assertThat(output)
        .contains(
            "LEASE_LOCK_NAME=env\n",
            "LEASE_LOCK_TTL=10\n",
            "LEASE_LOCK_KEY=env/",
            "ETCD_LOCK_KEY=env/")
        .containsPattern("LEASE_LOCK_TOKEN=\\d+\\n")
        .containsPattern("LEASE_LOCK_DEADLINE=\\d{13}\\n");
    assertThat(client.keys().read(Read.of(KeyRange.prefix(Bytes.of("env/")))).entries()).isEmpty();
    assertThat(run("lock", "env", "--", "nosuchprogram").awaitExit(SOON)).isEqualTo(127);
    assertThat(run("lock", "env", "--", "sh", "-c", "kill -9 $$").awaitExit(SOON)).isEqualTo(137);
  }

  @Test
  void whoDoesNotGetTheLockInTimeRunsNothing() {
    try (Session session = client.openSession(Duration.ofSeconds(10))) {
      assertThat(session.lock("busy").tryLock()).isTrue();
      for (String wait : List.of("0", "1s")) {
        Program program = run("lock", "busy", "--wait", wait, "--", "echo", "ran");
        assertThat(program.awaitExit(SOON)).isEqualTo(124);
        assertThat(program.output())
            .isEqualTo("Error: the lock busy was not free within " + wait + "\n");
      }
      Program patient = run("lock", "busy", "--", "echo", "ran");
      Conditions.await(
          "it stands in line",
          SOON,
          () -> client.keys().read(Read.of(KeyRange.prefix(Bytes.of("busy/")))).count() == 2);
      session.lock("busy").unlock();
      assertThat(patient.awaitExit(SOON)).isZero();
      assertThat(patient.output()).isEqualTo("ran\n");
    }
  }

  @Test
  void signalsArePassedOnAndTheLockIsGivenBack() {
    Program program =
        run(
            "lock",
            "signal",
            "--ttl",
            "10",
            "--",
            "sh",
            "-c",
            "trap 'echo heard; exit 3' INT; trap 'echo wrong' TERM; echo runs; while :; do sleep 0.1; done");
    program.awaitOutput("runs", SOON);
    program.signal("INT");
    assertThat(program.awaitExit(SOON)).isEqualTo(3);
    assertThat(program.output()).isEqualTo("runs\nheard\n");
    assertThat(client.keys().read(Read.of(KeyRange.prefix(Bytes.of("signal/")))).entries())
        .isEmpty();
  }

  @Test
  void whoIsStoppedPastTheTtlHasNoCommandThatOutlivesTheLock() throws Exception {
    Program program = runDeaf("stopped");
    try (Session heir = client.openSession(Duration.ofSeconds(10))) {
      program.signal("STOP");
      assertThat(heir.lock("stopped").tryLock(SOON)).isTrue();
      long takenMillis = System.currentTimeMillis();
      Conditions.letPass(Duration.ofMillis(500));
      assertThat(lastMarkMillis()).isLessThan(takenMillis);
      program.signal("CONT");
      assertThat(program.awaitExit(SOON)).isEqualTo(125);
      assertThat(program.output())
          .isEqualTo("Error: the lock stopped was lost, or about to be: the command was ended\n");
      assertThat(lastMarkMillis()).isLessThan(takenMillis);
      assertThat(heir.lock("stopped").isHeld()).isTrue();
    }
  }

  @Test
  void whoIsStoppedForAShortWhileGoesOn() {
    Program program = runDeaf("blinked");
    KeyEntry before = holder("blinked");
    program.signal("STOP");
    Conditions.letPass(Duration.ofMillis(800));
    program.signal("CONT");
    Conditions.letPass(Duration.ofSeconds(5));
    assertThat(program.isRunning()).isTrue();
    assertThat(holder("blinked")).isEqualTo(before);
    assertThat(System.currentTimeMillis() - lastMarkMillis()).isLessThan(1000);
  }

  @Test
  void whoIsKilledLeavesNoCommandBehind() throws Exception {
    Program program = runDeaf("killed");
    try (Session heir = client.openSession(Duration.ofSeconds(10))) {
      program.signal("KILL");
      assertThat(heir.lock("killed").tryLock(SOON)).isTrue();
      long takenMillis = System.currentTimeMillis();
      Conditions.letPass(Duration.ofMillis(500));
      assertThat(lastMarkMillis()).isLessThan(takenMillis);
    }
  }

  @Test
  void aLockThatIsRevokedEndsItsCommandAtOnce() {
    Program program = runDeaf("revoked");
    client.leases().revoke(holder("revoked").leaseId());
    assertThat(program.awaitExit(Duration.ofSeconds(4))).isEqualTo(125);
  }

  @Test
  void aClusterThatCannotBeReachedEndsTheCommandInTime() {
    Program program = runDeaf("unreached");
    cluster.members().forEach(MemberProcess::freeze);
    long frozenMillis = System.currentTimeMillis();
    try {
      Conditions.await(
          "the command has ended",
          SOON,
          () -> System.currentTimeMillis() - lastMarkMillis() > 1000);
      assertThat(lastMarkMillis() - frozenMillis).isLessThan(Long.parseLong(TTL) * 1000);
    } finally {
      cluster.members().forEach(MemberProcess::thaw);
      cluster.awaitReady();
    }
    assertThat(program.awaitExit(SOON)).isEqualTo(125);
  }

  @Test
  void withoutACommandTheLockIsHeldUntilAnInterrupt() {
    Program program = run("lock", "bare");
    program.awaitOutput("bare/", SOON);
    assertThat(program.output()).isEqualTo(holder("bare").key().text() + "\n\n");
    program.signal("INT");
    assertThat(program.awaitExit(SOON)).isZero();
    assertThat(client.keys().read(Read.of(KeyRange.prefix(Bytes.of("bare/")))).entries()).isEmpty();
  }

  @Test
  void candidatesLeadOneAfterTheOtherAndListenersHearOfIt() {
    Program listener = run("elect", "-l", "race");
    Program first = run("elect", "race", "one");
    first.awaitOutput("one", SOON);
    Program second = run("elect", "race", "two");
    Conditions.await(
        "the second stands in line",
        SOON,
        () -> client.keys().read(Read.of(KeyRange.prefix(Bytes.of("race/")))).count() == 2);
    assertThat(second.output()).isEmpty();
    first.signal("INT");
    assertThat(first.awaitExit(SOON)).isZero();
    second.awaitOutput("two", SOON);
    listener.awaitOutput("two", SOON);
    assertThat(listener.output()).isEqualTo(first.output() + second.output());
    client.leases().revoke(holder("race").leaseId());
    assertThat(second.awaitExit(SOON)).isEqualTo(125);
  }
}
