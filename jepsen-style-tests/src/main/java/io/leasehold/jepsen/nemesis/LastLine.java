package io.leasehold.jepsen.nemesis;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a member said last. */
final class LastLine {
  private LastLine() {}

  static String of(Path log) {
    try {
      List<String> lines = Files.readAllLines(log);
      return lines.isEmpty() ? "(it wrote nothing)" : lines.get(lines.size() - 1);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
