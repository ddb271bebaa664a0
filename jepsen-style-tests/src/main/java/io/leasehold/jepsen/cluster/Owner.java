package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The run that something belongs to. Members carry it in their environment, so that a run whose
 * forerunner was killed before it could clean up finds what is left of it, and never touches what
 * belongs to a run that still goes on.
 */
final class Owner {
  static final String VARIABLE = "JEPSEN_OWNER";

  private static final Path PROCESSES = Path.of("/proc");
  private static final Duration EXIT_MAX = Duration.ofSeconds(10);

  private Owner() {}

  /** Returns the mark of this run. */
  static String current() {
    return mark(ProcessHandle.current());
  }

  static long currentPid() {
    return ProcessHandle.current().pid();
  }

  private static String mark(ProcessHandle process) {
    long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return process.pid() + "@" + started;
  }

  /** Kills the members of runs that are over. */
  static void sweepProcesses() {
    if (!Files.isDirectory(PROCESSES)) {
      return;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path entry : entries) {
        Optional<String> mark = markOf(entry);
        if (mark.isPresent() && isOver(mark.get())) {
          kill(Long.parseLong(entry.getFileName().toString()));
        }
      }
    } catch (IOException e) {
      throw new ClusterException("cannot read " + PROCESSES, e);
    }
  }

  private static Optional<String> markOf(Path process) {
    try {
      String environment =
          Files.readString(process.resolve("environ"), StandardCharsets.ISO_8859_1);
      for (String variable : environment.split("\0", -1)) {
        if (variable.startsWith(VARIABLE + "=")) {
          return Optional.of(variable.substring(VARIABLE.length() + 1));
        }
      }
    } catch (IOException e) {
      // Ended meanwhile, or another user's.
    }
    return Optional.empty();
  }

  /** Tells whether the run of a mark is over. */
  static boolean isOver(String mark) {
    int at = mark.indexOf('@');
    return at > 0
        && ProcessHandle.of(Long.parseLong(mark.substring(0, at)))
            .map(process -> !mark(process).equals(mark))
            .orElse(true);
  }

  /** Tells whether no process has this number. */
  static boolean isGone(long pid) {
    return ProcessHandle.of(pid).isEmpty();
  }

  private static void kill(long pid) {
    ProcessHandle.of(pid)
        .ifPresent(
            process -> {
              System.out.println("Left over from an earlier run: process " + pid + ", killed");
              process.destroyForcibly();
              Waits.await("process " + pid + " ends", EXIT_MAX, () -> !process.isAlive());
            });
  }
}
