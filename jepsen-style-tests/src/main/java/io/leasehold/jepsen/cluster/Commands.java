package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs of this machine that do one thing and end. */
final class Commands {
  private static final long SECONDS_MAX = 30;

  private Commands() {}

  /** What a program left. Standard error is part of the output. */
  record Ended(int exitCode, String output) {}

  /** Runs a program that must end well, and returns what it printed. */
  static String run(String... command) {
    return run(SECONDS_MAX, command);
  }

  /** As {@link #run(String...)}, with patience for so many seconds. */
  static String run(long secondsMax, String... command) {
    Ended ended = attempt(secondsMax, "", command);
    if (ended.exitCode() != 0) {
      throw new ClusterException(
          String.join(" ", command) + ": exit code " + ended.exitCode() + "\n" + ended.output());
    }
    return ended.output();
  }

  /** Runs a program that may fail. */
  static Ended attempt(String input, String... command) {
    return attempt(SECONDS_MAX, input, command);
  }

  private static Ended attempt(long secondsMax, String input, String... command) {
    try {
      // A file in between: a pipe that nobody empties would hold the program up.
      Path output = Files.createTempFile("leasehold-command", ".out");
      try {
        Process process =
            new ProcessBuilder(List.of(command))
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        if (!process.waitFor(secondsMax, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new ClusterException(
              String.join(" ", command) + ": did not end within " + secondsMax + " s");
        }
        return new Ended(process.exitValue(), Files.readString(output));
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new ClusterException(String.join(" ", command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted in " + String.join(" ", command), e);
    }
  }

  /** Returns whether a program is there and ends well. */
  static boolean works(String... command) {
    try {
      return attempt("", command).exitCode() == 0;
    } catch (ClusterException e) {
      return false;
    }
  }
}
