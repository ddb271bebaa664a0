package io.leasehold.raft.member;

import io.leasehold.core.time.RandomSource;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of one member: held by a lock while the member runs, and bound to the member
 * by an identity, a random number made when the directory was. The identity is what tells a member
 * from one that lost its data and came back under the same name.
 *
 * <p>Used at start, by one thread. Every refusal is one line that names the directory, says what is
 * wrong and what to do; none of them destroys anything.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String LOCK_FILE = "lock";

  /** There once the cluster has confirmed this directory. */
  private static final String STARTED_FILE = "started";

  /** There while the member takes the place of its former self and does not vote yet. */
  private static final String JOINING_FILE = "joining";

  /** There once the former self of a joining member has lost its vote. */
  private static final String RECORDED_FILE = "recorded";

  private static final String CHOOSE_ANOTHER = "; choose another with --data-dir";
  private static final String MOVE_ASIDE =
      "; move the data directory aside and start the member once with --replace-member";

  private final Path root;
  private final RaftFolders raft;
  private final IdentityFile identity;
  private final FileChannel lockChannel;
  private final boolean fresh;
  private boolean established;

  private DataDirectory(
      Path root,
      IdentityFile identity,
      FileChannel lockChannel,
      boolean fresh,
      boolean established) {
    this.root = root;
    this.raft = new RaftFolders(root.resolve("raft"));
    this.identity = identity;
    this.lockChannel = lockChannel;
    this.fresh = fresh;
    this.established = established;
  }

  /** Opens, and creates if need be, the directory of the named member of the given cluster. */
  public static DataDirectory open(Path dir, String memberName, long clusterId, RandomSource random)
      throws DataDirectoryException {
    Path root = dir.toAbsolutePath().normalize();
    if (memberName.isBlank() || memberName.chars().anyMatch(Character::isISOControl)) {
      throw new DataDirectoryException(
          root + ": a member's name is not blank and has no control characters; check --name");
    }
    create(root);
    FileChannel lock = lock(root);
    try {
      return open(root, memberName, clusterId, random, lock);
    } catch (IOException e) {
      closeQuietly(lock);
      throw new DataDirectoryException(root + ": cannot be read: " + reason(e), e);
    } catch (DataDirectoryException | RuntimeException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  private static DataDirectory open(
      Path root, String memberName, long clusterId, RandomSource random, FileChannel lock)
      throws DataDirectoryException, IOException {
    if (!Files.exists(root.resolve(IdentityFile.FILE))) {
      refuseStrayData(root);
      IdentityFile made =
          new IdentityFile(
              hex(clusterId), memberName, hex(random.nextLong()) + hex(random.nextLong()));
      return new DataDirectory(root, made, lock, true, false);
    }
    IdentityFile known = read(root);
    refuseForeign(root, known, memberName, clusterId);
    boolean started = Files.exists(root.resolve(STARTED_FILE));
    DataDirectory directory = new DataDirectory(root, known, lock, !started, true);
    String objection = directory.raft.objection(known.identity());
    if (objection != null) {
      throw new DataDirectoryException(
          root
              + ": "
              + objection
              + " though member "
              + memberName
              + " has run here; without it the member may not vote"
              + MOVE_ASIDE);
    }
    return directory;
  }

  /**
   * Tells whether the cluster has not confirmed this directory yet: the member is new, or lost its
   * data.
   */
  public boolean isFresh() {
    return fresh;
  }

  /** Returns the identity of this directory. */
  public String identity() {
    return identity.identity();
  }

  public Path root() {
    return root;
  }

  public Path raftLog() {
    return raft.log();
  }

  public Path raftMeta() {
    return raft.meta();
  }

  public Path raftSnapshot() {
    return raft.snapshot();
  }

  public Path state() {
    return state(root);
  }

  /** Returns how many bytes may still be written here. */
  public long usableBytes() {
    return root.toFile().getUsableSpace();
  }

  /**
   * Writes the identity for good: from now on this directory has one. Does nothing when it is there
   * already. To be called before the Raft library first opens its folders.
   */
  public void establish() throws DataDirectoryException {
    if (established) {
      return;
    }
    try {
      raft.mark(identity.identity());
      identity.write(root);
      established = true;
    } catch (IOException e) {
      throw new DataDirectoryException(
          root + ": cannot write the member's identity: " + reason(e) + CHOOSE_ANOTHER, e);
    }
  }

  /**
   * Notes that the cluster has this directory on record as the member's: from now on it may start
   * without asking.
   */
  public void markStarted() throws DataDirectoryException {
    mark(STARTED_FILE, true);
  }

  /** Tells whether the member is to be added to the voters before it takes part in votes. */
  public boolean isJoining() {
    return Files.exists(root.resolve(JOINING_FILE));
  }

  /** Notes that the member begins to take the place of its former self. */
  public void markJoining() throws DataDirectoryException {
    mark(JOINING_FILE, true);
  }

  /** Tells whether the former self has lost its vote for good. */
  public boolean isReplacementOnRecord() {
    return Files.exists(root.resolve(RECORDED_FILE));
  }

  /** Notes that the former self has lost its vote, and this directory is on record in its place. */
  public void markReplacementOnRecord() throws DataDirectoryException {
    mark(RECORDED_FILE, true);
  }

  /** Notes that the member votes. */
  public void markJoined() throws DataDirectoryException {
    mark(JOINING_FILE, false);
  }

  private void mark(String name, boolean present) throws DataDirectoryException {
    Path file = root.resolve(name);
    try {
      if (present && !Files.exists(file)) {
        Files.createFile(file);
      } else if (!present) {
        Files.deleteIfExists(file);
      }
      IdentityFile.syncDirectory(root);
    } catch (IOException e) {
      throw new DataDirectoryException(file + ": cannot be written: " + reason(e), e);
    }
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    closeQuietly(lockChannel);
  }

  private static void create(Path root) throws DataDirectoryException {
    try {
      Files.createDirectories(root);
    } catch (FileAlreadyExistsException e) {
      throw new DataDirectoryException(root + ": not a directory" + CHOOSE_ANOTHER, e);
    } catch (IOException e) {
      throw new DataDirectoryException(
          root + ": cannot make the data directory: " + reason(e) + CHOOSE_ANOTHER, e);
    }
    if (!Files.isWritable(root)) {
      throw new DataDirectoryException(
          root + ": the data directory is not writable; change its owner or choose another");
    }
  }

  private static FileChannel lock(Path root) throws DataDirectoryException {
    FileChannel channel = null;
    try {
      channel =
          FileChannel.open(
              root.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        closeQuietly(channel);
        throw new DataDirectoryException(
            root + ": another member runs on this data directory; stop it first");
      }
      return channel;
    } catch (IOException e) {
      if (channel != null) {
        closeQuietly(channel);
      }
      throw new DataDirectoryException(
          root + ": cannot lock the data directory: " + reason(e) + CHOOSE_ANOTHER, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  private static IdentityFile read(Path root) throws DataDirectoryException {
    try {
      return IdentityFile.read(root);
    } catch (IdentityFile.NewerFormatException e) {
      throw new DataDirectoryException(
          root + ": written by a newer version, " + e.getMessage() + "; start that version", e);
    } catch (IOException e) {
      throw new DataDirectoryException(
          root.resolve(IdentityFile.FILE) + ": cannot be read: " + reason(e) + MOVE_ASIDE, e);
    }
  }

  private static void refuseForeign(
      Path root, IdentityFile known, String memberName, long clusterId)
      throws DataDirectoryException {
    if (!known.name().equals(memberName)) {
      throw new DataDirectoryException(
          root
              + ": belongs to member "
              + known.name()
              + ", not to "
              + memberName
              + "; check --name and --data-dir");
    }
    if (!known.cluster().equals(hex(clusterId))) {
      throw new DataDirectoryException(
          root
              + ": belongs to cluster "
              + known.cluster()
              + ", not to "
              + hex(clusterId)
              + "; check --initial-cluster, --initial-cluster-token and --data-dir");
    }
  }

  private static void refuseStrayData(Path root) throws DataDirectoryException, IOException {
    if (new RaftFolders(root.resolve("raft")).holdAnything() || holdsTables(state(root))) {
      throw new DataDirectoryException(
          root
              + ": holds a member's data but no "
              + IdentityFile.FILE
              + ", so nobody can say whose it is"
              + MOVE_ASIDE);
    }
  }

  /** A state that was just begun has no tables yet, and is nobody's. */
  private static boolean holdsTables(Path state) throws IOException {
    if (!Files.isDirectory(state)) {
      return false;
    }
    try (Stream<Path> files = Files.list(state)) {
      return files.anyMatch(file -> file.toString().endsWith(".sst"));
    }
  }

  private static Path state(Path root) {
    return root.resolve("state");
  }

  private static String hex(long value) {
    return String.format(Locale.ROOT, "%016x", value);
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "access denied to " + e.getMessage();
    }
    if (e instanceof NoSuchFileException) {
      return e.getMessage() + " is not there";
    }
    return String.valueOf(e.getMessage()).replaceAll("\\s*\\R\\s*", " ");
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // The lock goes with the process at the latest.
    }
  }
}
