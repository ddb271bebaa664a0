package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, walked through as its user does. */
@Timeout(240)
final class LauncherIT {
  private static final int PORTS = 30;

  @TempDir Path home;

  private final int basePort = FreePorts.run(PORTS);

  @AfterEach
  void stopWhatRuns() throws Exception {
    var unused = leasehold("down");
  }

  @Test
  void clusterIsProvedSurvivesItsLeaderAndKeepsItsLeasesAcrossDownAndUp() throws Exception {
    Result up = leasehold("up", "--base-port", "" + basePort, "--no-build");
    assertThat(up.code).as(up.output).isZero();
    assertThat(up.output)
        .contains("leads", "granted a lease of 10 s", "renewed it through follower", "revoked it")
        .contains("127.0.0.1:" + basePort, "leasectl --endpoints=");
    assertThat(run("leasectl", "--endpoints=127.0.0.1:" + basePort, "lease", "grant", "10").output)
        .contains("granted with TTL(10s)");
    assertThat(leasehold("status").output)
        .containsPattern("n1 +127.0.0.1:" + basePort)
        .contains("leader", "follower", "ready");
    assertRefused(leasehold("up", "--no-build"), "already running");

    Result kill = leasehold("kill", "leader");
    assertThat(kill.code).as(kill.output).isZero();
    String killed = kill.output.substring(1, 2);
    Conditions.await(
        "another leader",
        Duration.ofSeconds(20),
        () -> {
          Result status = leasehold("status");
          return status.code == 0 && status.output.contains("down");
        });
    Result restart = leasehold("restart", killed, "--no-build");
    assertThat(restart.code).as(restart.output).isZero();
    assertThat(restart.output).contains("n" + killed + " runs, applied index");
    assertThat(leasehold("logs", killed).output).isNotBlank();

    Result down = leasehold("down");
    assertThat(down.code).as(down.output).isZero();
    assertThat(down.output).contains("n1 stopped", "n2 stopped", "n3 stopped", "The data stays");
    assertThat(leasehold("down").output).contains("No member is running");
    Result again = leasehold("up", "--no-build");
    assertThat(again.code).as(again.output).isZero();
    assertThat(again.output).contains("127.0.0.1:" + basePort);
  }

  @Test
  void replacedMemberComesBackWithAnEmptyDirectory() throws Exception {
    Result up = leasehold("up", "--base-port", "" + basePort, "--no-build");
    assertThat(up.code).as(up.output).isZero();
    assertThat(leasehold("stop", "3").output).contains("n3 stopped");

    Result replaced = leasehold("restart", "3", "--replace", "--no-build");

    assertThat(replaced.code).as(replaced.output).isZero();
    assertThat(replaced.output).contains("n3 runs, applied index");
    assertThat(leasehold("status").output.lines().filter(line -> line.endsWith("ready")))
        .hasSize(3);
  }

  @Test
  void mistakesGetOneLineAndAnExitCode() throws Exception {
    assertRefused(leasehold("launch"), "unknown command launch");
    assertRefused(leasehold("up", "--nodes", "4"), "--nodes 4: choose 1, 3 or 5");
    assertRefused(leasehold("up", "--fast"), "unknown option --fast");
    assertRefused(leasehold("up", "--base-port", "99999"), "--base-port 99999");
    assertRefused(leasehold("status"), "no cluster in " + home.toRealPath());
    assertRefused(run("leasehold", "status", "--data-dir"), "--data-dir: has no value");

    try (ServerSocket taken =
        new ServerSocket(basePort + 10, 1, InetAddress.getLoopbackAddress())) {
      Result up = leasehold("up", "--base-port", "" + basePort, "--no-build");
      assertRefused(up, "port " + taken.getLocalPort() + " is taken");
      if (Files.isDirectory(Path.of("/proc/self/fd"))) {
        assertThat(up.output).contains("by pid " + ProcessHandle.current().pid());
      }
    }
    Path file = Files.createFile(home.resolve("file"));
    assertRefused(
        run("leasehold", "up", "--data-dir", file + "/x", "--no-build"), "cannot write to " + file);
  }

  @Test
  void memberThatDoesNotStartIsShownWithItsLastLines() throws Exception {
    Result up =
        leasehold("up", "--base-port", "" + basePort, "--no-build", "--", "--heartbeat-interval=x");
    assertThat(up.code).isEqualTo(1);
    assertThat(up.output).contains("member n1 did not start", "--heartbeat-interval x");
  }

  @Test
  void pidFileOfAStrangerIsNotBelieved() throws Exception {
    Files.writeString(home.resolve("cluster"), "3 " + basePort + "\n");
    Process stranger = new ProcessBuilder("sleep", "100").start();
    try {
      Files.writeString(home.resolve("n1.pid"), stranger.pid() + "\n");

      assertRefused(leasehold("kill", "1"), "member n1 is not running");
      assertThat(leasehold("down").output).contains("No member is running");

      assertThat(stranger.isAlive()).isTrue();
    } finally {
      stranger.destroyForcibly();
    }
  }

  private record Result(int code, String output) {}

  private static void assertRefused(Result result, String text) {
    assertThat(result.code).as(result.output).isNotZero();
    assertThat(result.output.strip()).startsWith("leasehold: ").contains(text).doesNotContain("\n");
  }

  private Result leasehold(String command, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(command, "--data-dir", home.toString()));
    all.addAll(List.of(arguments));
    return run("leasehold", all.toArray(String[]::new));
  }

  private Result run(String script, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("sh", Distribution.ROOT + "/" + script));
    command.addAll(List.of(arguments));
    // Into a file: the members inherit nothing of it, and no pipe can fill up.
    Path output = Files.createTempFile("leasehold", ".out");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(120, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("hangs: " + command + "\n" + Files.readString(output));
      }
      return new Result(process.exitValue(), Files.readString(output));
    } finally {
      Files.delete(output);
    }
  }
}
