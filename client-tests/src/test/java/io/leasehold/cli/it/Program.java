package io.leasehold.cli.it;

import io.leasehold.cluster.Conditions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** leasectl as a process of its own, from its distribution. Closing it kills it. */
final class Program implements AutoCloseable {
  private static final Path LIBRARIES =
      Path.of(System.getProperty("leasehold.root", ".."), "lease-cli", "target", "dist", "lib")
          .toAbsolutePath();

  /**
   * What is put before a command so that it can hear INT. A process inherits what is ignored, and
   * who runs the tests in the background, as under nohup, has INT ignored. Nothing where the
   * system's {@code env} cannot do that.
   */
  private static final List<String> HEARS_INTERRUPTS = hearingInterrupts();

  private final Process process;
  private final Path output;

  private Program(Process process, Path output) {
    this.process = process;
    this.output = output;
  }

  /** Starts it with standard input from nowhere, and its output in a file of the directory. */
  static Program start(Path directory, String endpoints, String... words) {
    return start(
        directory, ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()), endpoints, words);
  }

  /** Starts it so that it reads what is typed. */
  static Program startTyping(Path directory, String endpoints, String... words) {
    return start(directory, ProcessBuilder.Redirect.PIPE, endpoints, words);
  }

  private static Program start(
      Path directory, ProcessBuilder.Redirect input, String endpoints, String... words) {
    List<String> command = new ArrayList<>(HEARS_INTERRUPTS);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "-cp",
            LIBRARIES + "/*",
            "io.leasehold.cli.Main"));
    command.addAll(List.of(words));
    try {
      Path output = Files.createTempFile(directory, "leasectl", ".out");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(input)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().put("LEASECTL_ENDPOINTS", endpoints);
      return new Program(builder.start(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> hearingInterrupts() {
    List<String> reset = List.of("env", "--default-signal=HUP,INT");
    List<String> trial = new ArrayList<>(reset);
    trial.add("true");
    try {
      Process process =
          new ProcessBuilder(trial)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0 ? reset : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Types a line. */
  void type(String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void awaitOutput(String text, Duration most) {
    Conditions.await("it prints " + text, most, () -> output().contains(text));
  }

  void signal(String signal) {
    try {
      int code =
          new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + process.pid())
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new AssertionError("cannot send SIG" + signal);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  boolean isRunning() {
    return process.isAlive();
  }

  int awaitExit(Duration most) {
    try {
      if (!process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError("it goes on: " + output());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
