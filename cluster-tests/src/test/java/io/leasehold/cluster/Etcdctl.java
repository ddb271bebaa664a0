package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The real etcdctl. Test thread only. */
final class Etcdctl {
  /** {@code check perf} alone takes a minute. */
  private static final Duration RUN_MAX = Duration.ofSeconds(100);

  private Etcdctl() {}

  /** Skips the test, and says so, where etcdctl is not installed. */
  static void assumeInstalled() {
    Programs.assume(
        Programs.isInstalled("etcdctl", "version"),
        "etcdctl is not installed (Debian package etcd-client)");
  }

  /**
   * What one run came to.
   *
   * @param output standard output and standard error as they came
   */
  record Result(int code, String output) {}

  /** Runs a command that must end well and returns what it printed. */
  static String output(String endpoints, String... arguments) {
    Result result = run(endpoints, arguments);
    assertThat(result.code()).as(result.output()).isZero();
    return result.output();
  }

  /** Runs a command, whatever comes of it. */
  static Result run(String endpoints, String... arguments) {
    return runWithInput(endpoints, "", arguments);
  }

  /** Runs a command with the given text as its standard input. */
  static Result runWithInput(String endpoints, String input, String... arguments) {
    try {
      Process process = builder(endpoints, arguments).start();
      try (OutputStream in = process.getOutputStream()) {
        in.write(input.getBytes(StandardCharsets.UTF_8));
      } catch (IOException e) {
        // It ended without reading; what it printed tells why.
      }
      if (!process.waitFor(RUN_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("etcdctl hangs: " + String.join(" ", arguments));
      }
      return new Result(
          process.exitValue(),
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** A command that goes on until it is ended. Closing it kills it. */
  static final class Running implements AutoCloseable {
    private final Process process;
    private final Path output;

    private Running(Process process, Path output) {
      this.process = process;
      this.output = output;
    }

    /** Returns what it has printed so far. */
    String output() {
      try {
        return Files.readString(output);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** Waits until it has printed exactly that. */
    void awaitOutput(String text, Duration max) {
      try {
        Conditions.await("etcdctl prints its lines", max, () -> output().equals(text));
      } catch (AssertionError e) {
        assertThat(output()).isEqualTo(text);
        throw e;
      }
    }

    /** Waits until it has printed at least so many lines, and returns them. */
    List<String> awaitLines(int count, Duration max) {
      Conditions.await(count + " lines of etcdctl", max, () -> output().lines().count() >= count);
      return output().lines().toList();
    }

    boolean isRunning() {
      return process.isAlive();
    }

    /** As Ctrl-C does. Returns the exit code. */
    int interrupt() {
      try {
        new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        return awaitExit();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    int awaitExit() {
      try {
        assertThat(process.waitFor(RUN_MAX.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
        return process.exitValue();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }

    /** As {@code kill -9} does: nothing is given back. */
    void kill() {
      process.destroyForcibly();
      awaitExit();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }

  /** Starts a command that goes on, with its output in a file of the given directory. */
  static Running start(Path directory, String endpoints, String... arguments) {
    try {
      Path output = Files.createTempFile(directory, "etcdctl", ".out");
      return new Running(
          builder(endpoints, arguments).redirectOutput(output.toFile()).start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder builder(String endpoints, String... arguments) {
    List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoints));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    return builder;
  }
}
