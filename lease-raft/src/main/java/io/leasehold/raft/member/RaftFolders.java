package io.leasehold.raft.member;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders in which the Raft library keeps its log, its vote and its snapshots, as far as it can
 * be told from outside whether something is missing.
 *
 * <p>The log and the vote each carry a marker with the identity of the member, made before the
 * library first runs: a folder that was emptied, or came from elsewhere, lacks it, while one that
 * the library had no time to use does not.
 */
record RaftFolders(Path root) {
  /** No dot in front, so that it goes when somebody deletes everything in a folder. */
  private static final String MARKER = "OWNER";

  private static final String TEMPORARY_SUFFIX = ".tmp";

  Path log() {
    return root.resolve("log");
  }

  Path meta() {
    return root.resolve("meta");
  }

  Path snapshot() {
    return root.resolve("snapshot");
  }

  /** Tells whether the library has kept anything here. */
  boolean holdAnything() throws IOException {
    return !contents(log()).isEmpty()
        || !contents(meta()).isEmpty()
        || !contents(snapshot()).isEmpty();
  }

  /** Makes the folders, with their markers, for good. */
  void mark(String identity) throws IOException {
    for (Path folder : List.of(log(), meta())) {
      Files.createDirectories(folder);
      IdentityFile.replace(folder.resolve(MARKER), identity + "\n");
    }
    IdentityFile.syncDirectory(root);
  }

  /** Says in a few words what is missing from the folders of a member that ran here; or null. */
  @Nullable String objection(String identity) throws IOException {
    for (Path folder : List.of(log(), meta())) {
      Path marker = folder.resolve(MARKER);
      if (!Files.exists(marker)) {
        return folder + " is missing or was emptied";
      }
      if (!Files.readString(marker).strip().equals(identity)) {
        return folder + " belongs to another data directory";
      }
    }
    boolean voted = !contents(meta()).isEmpty();
    boolean logged = holdsEntries(log());
    if (logged && !voted) {
      return meta() + " has lost the member's vote";
    }
    if (voted && !Files.exists(log().resolve("CURRENT"))) {
      return log() + " has lost the log";
    }
    return null;
  }

  /** The log is a RocksDB: entries are in tables, or in a write-ahead log that is not empty. */
  private static boolean holdsEntries(Path log) throws IOException {
    for (Path file : contents(log)) {
      String name = file.getFileName().toString();
      if (name.endsWith(".sst") || (name.endsWith(".log") && Files.size(file) > 0)) {
        return true;
      }
    }
    return false;
  }

  private static List<Path> contents(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> !file.endsWith(MARKER))
          .filter(file -> !file.toString().endsWith(TEMPORARY_SUFFIX))
          .toList();
    }
  }
}
