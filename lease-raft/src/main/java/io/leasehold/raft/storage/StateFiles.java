package io.leasehold.raft.storage;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The directory of the state and its replacement by another, in steps of which each leaves
 * something that {@link #completeReplacement} can finish or undo:
 *
 * <ol>
 *   <li>{@code state.incoming} is filled and synced,
 *   <li>{@code state} becomes {@code state.outgoing},
 *   <li>{@code state.incoming} becomes {@code state},
 *   <li>{@code state.outgoing} is deleted.
 * </ol>
 *
 * Stateless; called by the thread that opens or replaces the state.
 */
final class StateFiles {
  private static final String INCOMING_SUFFIX = ".incoming";
  private static final String OUTGOING_SUFFIX = ".outgoing";
  private static final String TABLE_SUFFIX = ".sst";

  private StateFiles() {}

  static Path incoming(Path dir) {
    return sibling(dir, INCOMING_SUFFIX);
  }

  private static Path outgoing(Path dir) {
    return sibling(dir, OUTGOING_SUFFIX);
  }

  /** Fills the incoming directory from the snapshot, which stays as it is, and syncs it. */
  static void prepareReplacement(Path dir, Path snapshotFiles) throws IOException {
    Path incoming = incoming(dir);
    deleteTree(incoming);
    Files.createDirectories(incoming);
    for (Path file : list(snapshotFiles)) {
      linkOrCopy(file, incoming.resolve(file.getFileName()));
    }
    syncTree(incoming);
  }

  /** Puts the incoming directory in the place of the other, whose database is closed. */
  static void replace(Path dir) throws IOException {
    deleteTree(outgoing(dir));
    Files.move(dir, outgoing(dir), StandardCopyOption.ATOMIC_MOVE);
    Files.move(incoming(dir), dir, StandardCopyOption.ATOMIC_MOVE);
    sync(parent(dir));
    deleteTree(outgoing(dir));
  }

  /**
   * Ends a replacement that a crash cut off. Between the two renames neither state bears the name;
   * then the old one gets it back: the snapshot is still there and will be put in place again.
   */
  static void completeReplacement(Path dir) throws IOException {
    Path outgoing = outgoing(dir);
    if (!Files.exists(dir) && Files.exists(outgoing)) {
      Files.move(outgoing, dir, StandardCopyOption.ATOMIC_MOVE);
      sync(parent(dir));
    }
    deleteTree(outgoing);
    deleteTree(incoming(dir));
  }

  /** Tells whether a database has ever kept something here. */
  static boolean holdsTables(Path dir) throws IOException {
    return list(dir).stream().anyMatch(StateFiles::isTable);
  }

  /** Syncs every file of a directory, the directory, and the one that names it. */
  static void syncTree(Path dir) throws IOException {
    for (Path file : list(dir)) {
      sync(file);
    }
    sync(dir);
    sync(parent(dir));
  }

  /** Table files never change, so a link will do; the others are small and are written to. */
  private static void linkOrCopy(Path file, Path copy) throws IOException {
    if (isTable(file)) {
      try {
        Files.createLink(copy, file);
        return;
      } catch (IOException | UnsupportedOperationException e) {
        // Another file system, or one without links: the copy says if there is more to it.
      }
    }
    Files.copy(file, copy);
  }

  private static boolean isTable(Path file) {
    return file.toString().endsWith(TABLE_SUFFIX);
  }

  private static List<Path> list(Path dir) throws IOException {
    try (Stream<Path> files = Files.list(dir)) {
      return files.toList();
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static Path sibling(Path dir, String suffix) {
    return parent(dir).resolve(dir.getFileName() + suffix);
  }

  private static Path parent(Path dir) {
    Path parent = dir.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(dir + " has no parent directory");
    }
    return parent;
  }

  private static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.sorted(Comparator.comparingInt(Path::getNameCount).reversed()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
