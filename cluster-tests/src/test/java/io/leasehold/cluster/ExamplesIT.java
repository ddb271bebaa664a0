package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The examples do what their README shows. */
@Tag("long")
@Timeout(180)
final class ExamplesIT {
  private static final Path EXAMPLES = Distribution.ROOT.resolve("examples");
  private static final Duration SOON = Duration.ofSeconds(40);

  @TempDir static Path home;
  private static Cluster cluster;

  private final List<Example> started = new ArrayList<>();

  @BeforeAll
  static void startCluster() {
    cluster = Cluster.start(home.resolve("cluster"));
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @AfterEach
  void killExamples() {
    started.forEach(Example::kill);
  }

  @Test
  void servicesFindEachOtherAndNoticeThatOneDied() throws IOException {
    Example first = start("service");
    first.awaitLine("instances: greeter-0");
    Example second = start("service");
    first.awaitLine("asked greeter-0: hello from greeter-0");
    second.kill();
    first.awaitLastButAsked("instances: greeter-0");
    first.assertPrintedAsInReadme("service");
  }

  @Test
  void anotherWorkerGoesOnWhenTheLeaderDied() throws IOException {
    Example first = start("worker");
    first.awaitLine("worker-0 does piece 0");
    Example second = start("worker");
    second.awaitLine("worker-0 stands for election");
    first.kill();
    second.awaitLines("worker-0 does piece 0", 2);
    second.assertPrintedAsInReadme("worker");
  }

  @Test
  void jobsRunOneAfterTheOther() throws IOException {
    Example first = start("job");
    first.awaitLine("job-0 has the lock, token 0");
    Example second = start("job");
    second.awaitLine("job-0 is done, 0 steps");
    // Whoever waited has begun when the other had ended.
    first.awaitLine("job-0 is done, 0 steps");
    second.assertPrintedAsInReadme("job");
    assertThat(second.token()).isGreaterThan(first.token());
  }

  private Example start(String name) throws IOException {
    Example example = new Example(name, home.resolve(name + started.size() + ".out"));
    started.add(example);
    return example;
  }

  /** What differs from run to run, made equal. */
  private static List<String> withoutNumbers(List<String> lines) {
    return lines.stream().map(line -> line.replaceAll("\\d[\\d.:]*\\d|\\d", "0")).toList();
  }

  /** A process that runs one. */
  private static final class Example {
    private final Process process;
    private final Path output;

    Example(String name, Path output) throws IOException {
      this.output = output;
      ProcessBuilder builder =
          new ProcessBuilder("sh", EXAMPLES.resolve("run").toString(), name)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder
          .environment()
          .putAll(
              Map.of(
                  "LEASEHOLD_ENDPOINTS",
                  cluster.endpoints(),
                  "JAVA_HOME",
                  System.getProperty("java.home")));
      process = builder.start();
    }

    List<String> lines() throws IOException {
      return Files.readAllLines(output);
    }

    void awaitLine(String line) {
      awaitLines(line, 1);
    }

    void awaitLines(String line, int count) {
      Conditions.await(
          line, SOON, () -> Collections.frequency(withoutNumbers(lines()), line) >= count);
    }

    void awaitLastButAsked(String line) {
      Conditions.await(
          line,
          SOON,
          () -> {
            List<String> others =
                withoutNumbers(lines()).stream().filter(each -> !each.startsWith("asked")).toList();
            return others.get(others.size() - 1).equals(line);
          });
    }

    long token() throws IOException {
      return lines().stream()
          .filter(line -> line.contains(", token "))
          .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
          .findFirst()
          .orElseThrow();
    }

    /** Each line that the README shows was printed, in this order, maybe with others between. */
    void assertPrintedAsInReadme(String name) throws IOException {
      String readme = Files.readString(EXAMPLES.resolve("README.md"));
      String command = "$ ./examples/run " + name + "\n";
      int begin = readme.indexOf(command);
      assertThat(begin).as("the README shows " + command).isNotNegative();
      String block = readme.substring(begin + command.length());
      block = block.substring(0, block.indexOf("```"));
      assertThat(withoutNumbers(lines()))
          .containsSubsequence(withoutNumbers(block.lines().toList()));
    }

    void kill() {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      try {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
