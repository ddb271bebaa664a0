package io.leasehold.jepsen.bugs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A mistake that somebody could make in the product, and the run that must catch it.
 *
 * @param what is wrong, in a sentence
 * @param breaks what was promised
 * @param seconds for which clients act and faults come
 * @param checkpointSeconds how long leases go unrenewed before their remaining time is recorded
 * @param snapshotEntries of the log, after which members take a snapshot
 * @param members of the cluster
 * @param caughtBy the properties of which one must be violated
 */
public record Bug(
    String name,
    String what,
    String breaks,
    String workload,
    String faults,
    int seconds,
    long seed,
    int checkpointSeconds,
    int snapshotEntries,
    int members,
    List<String> caughtBy,
    Patch patch) {
  static final String SUFFIX = ".patch";
  private static final int CHECKPOINT_SECONDS = 5;
  private static final int SNAPSHOT_ENTRIES = 2000;
  private static final int MEMBERS = 3;

  public Bug {
    caughtBy = List.copyOf(caughtBy);
  }

  /** Reads a bug: lines of a word and what it says, an empty line, and a diff. */
  static Bug read(Path file) throws IOException {
    String name = file.getFileName().toString();
    List<String> lines = Files.readAllLines(file);
    try {
      return parse(name.substring(0, name.length() - SUFFIX.length()), lines);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  static Bug parse(String name, List<String> lines) {
    int headLines = Math.max(0, lines.indexOf(""));
    Map<String, String> head = new HashMap<>();
    for (String line : lines.subList(0, headLines)) {
      int colon = line.indexOf(": ");
      if (colon < 0) {
        throw new IllegalArgumentException("\"" + line + "\" says nothing");
      }
      head.put(line.substring(0, colon), line.substring(colon + 2).strip());
    }
    return new Bug(
        name,
        required(head, "what"),
        required(head, "breaks"),
        required(head, "workload"),
        required(head, "faults"),
        Integer.parseInt(required(head, "seconds")),
        Long.parseLong(required(head, "seed")),
        number(head, "checkpoint seconds", CHECKPOINT_SECONDS),
        number(head, "snapshot entries", SNAPSHOT_ENTRIES),
        number(head, "members", MEMBERS),
        List.of(required(head, "caught by").split(", ", -1)),
        Patch.parse(lines.subList(headLines + 1, lines.size())));
  }

  private static int number(Map<String, String> head, String word, int otherwise) {
    return Integer.parseInt(head.getOrDefault(word, Integer.toString(otherwise)));
  }

  private static String required(Map<String, String> head, String word) {
    String value = head.get(word);
    if (value == null) {
      throw new IllegalArgumentException("no line \"" + word + ":\"");
    }
    return value;
  }
}
