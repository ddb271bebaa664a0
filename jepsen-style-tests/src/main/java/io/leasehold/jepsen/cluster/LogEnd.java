package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a member wrote last, for people. */
final class LogEnd {
  private static final int LINES_SHOWN = 25;

  private LogEnd() {}

  static String of(Path log) {
    try {
      List<String> lines =
          Files.exists(log) ? Files.readAllLines(log) : List.of("(it wrote nothing)");
      return log.getFileName()
          + " ends:\n  "
          + String.join(
              "\n  ", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    } catch (IOException e) {
      return log + " cannot be read: " + e.getMessage();
    }
  }
}
