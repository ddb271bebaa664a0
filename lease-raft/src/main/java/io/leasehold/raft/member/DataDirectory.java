package io.leasehold.raft.member;

import io.leasehold.core.time.RandomSource;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The data directory of one member: held by a lock while the member runs, and bound to the member
 * by an identity, a random number made when the directory was. The identity is what tells a member
 * from one that lost its data and came back under the same name.
 *
 * <p>Used at start, by one thread.
 */
public final class DataDirectory implements AutoCloseable {
  private static final String FORMAT_VERSION = "1";
  private static final String IDENTITY_FILE = "member.properties";
  private static final String LOCK_FILE = "lock";

  /** There once Raft has been started here; before that, missing Raft data means nothing. */
  private static final String STARTED_FILE = "started";

  /** There while the member takes the place of its former self and does not vote yet. */
  private static final String JOINING_FILE = "joining";

  private final Path root;
  private final String memberName;
  private final long clusterId;
  private final String identity;
  private final FileChannel lockChannel;
  private final boolean fresh;
  private boolean established;

  private DataDirectory(
      Path root,
      String memberName,
      long clusterId,
      String identity,
      FileChannel lockChannel,
      boolean fresh,
      boolean established) {
    this.root = root;
    this.memberName = memberName;
    this.clusterId = clusterId;
    this.identity = identity;
    this.lockChannel = lockChannel;
    this.fresh = fresh;
    this.established = established;
  }

  /** Opens, and creates if need be, the directory of the named member of the given cluster. */
  public static DataDirectory open(Path dir, String memberName, long clusterId, RandomSource random)
      throws DataDirectoryException {
    Path root = dir.toAbsolutePath().normalize();
    create(root);
    FileChannel lock = lock(root);
    try {
      Path file = root.resolve(IDENTITY_FILE);
      if (!Files.exists(file)) {
        refuseStrayRaftData(root);
        return new DataDirectory(
            root, memberName, clusterId, newIdentity(random), lock, true, false);
      }
      Properties properties = read(file);
      check(root, properties, memberName, clusterId);
      boolean started = Files.exists(root.resolve(STARTED_FILE));
      if (started) {
        refusePartlyDeleted(root, memberName);
      }
      return new DataDirectory(
          root, memberName, clusterId, properties.getProperty("identity"), lock, !started, true);
    } catch (DataDirectoryException | RuntimeException e) {
      closeQuietly(lock);
      throw e;
    }
  }

  /** Tells whether Raft was never started here: the member is new, or lost its data. */
  public boolean isFresh() {
    return fresh;
  }

  /** Returns the identity of this directory. */
  public String identity() {
    return identity;
  }

  public Path root() {
    return root;
  }

  public Path raftLog() {
    return root.resolve("raft").resolve("log");
  }

  public Path raftMeta() {
    return root.resolve("raft").resolve("meta");
  }

  public Path raftSnapshot() {
    return root.resolve("raft").resolve("snapshot");
  }

  public Path state() {
    return root.resolve("state");
  }

  /** Returns how many bytes may still be written here. */
  public long usableBytes() {
    return root.toFile().getUsableSpace();
  }

  /** Writes the identity for good, and makes room for Raft's data. */
  public void establish() throws DataDirectoryException {
    try {
      Files.createDirectories(root.resolve("raft"));
      if (!established) {
        writeIdentity();
        established = true;
      }
    } catch (IOException e) {
      throw new DataDirectoryException(
          root + ": cannot write " + IDENTITY_FILE + ": " + reason(e), e);
    }
  }

  /** Notes that Raft has been started here: from now on the member may not do without its data. */
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
      syncDirectory(root);
    } catch (IOException e) {
      throw new DataDirectoryException(file + ": cannot be written: " + reason(e), e);
    }
  }

  private void writeIdentity() throws IOException {
    String text =
        "# Identity of a Leasehold member. Do not copy, do not edit.\n"
            + ("version=" + FORMAT_VERSION + "\n")
            + ("cluster=" + hex(clusterId) + "\n")
            + ("name=" + memberName + "\n")
            + ("identity=" + identity + "\n");
    Path temporary = root.resolve(IDENTITY_FILE + ".tmp");
    try (FileChannel channel =
        FileChannel.open(
            temporary,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(
        temporary,
        root.resolve(IDENTITY_FILE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(root);
  }

  /** Gives the lock back. */
  @Override
  public void close() {
    closeQuietly(lockChannel);
  }

  private static void create(Path root) throws DataDirectoryException {
    try {
      Files.createDirectories(root);
      if (!Files.isWritable(root)) {
        throw new DataDirectoryException(
            root
                + ": the data directory is not writable; choose another with --data-dir or change its owner");
      }
    } catch (IOException e) {
      throw new DataDirectoryException(
          root
              + ": cannot make the data directory: "
              + reason(e)
              + "; choose another with --data-dir",
          e);
    }
  }

  private static FileChannel lock(Path root) throws DataDirectoryException {
    try {
      FileChannel channel =
          FileChannel.open(
              root.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        closeQuietly(channel);
        throw new DataDirectoryException(
            root + ": another member runs on this data directory; stop it first");
      }
      return channel;
    } catch (IOException e) {
      throw new DataDirectoryException(
          root
              + ": cannot lock the data directory: "
              + reason(e)
              + "; choose another with --data-dir",
          e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  private static Properties read(Path file) throws DataDirectoryException {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(Files.readString(file)));
    } catch (IOException | IllegalArgumentException e) {
      throw new DataDirectoryException(
          file + ": cannot be read: " + e.getMessage() + moveAside(), e);
    }
    for (String key : new String[] {"version", "cluster", "name", "identity"}) {
      if (properties.getProperty(key, "").isBlank()) {
        throw new DataDirectoryException(file + ": damaged, it has no " + key + moveAside());
      }
    }
    return properties;
  }

  private static void check(Path root, Properties properties, String memberName, long clusterId)
      throws DataDirectoryException {
    if (!properties.getProperty("version").equals(FORMAT_VERSION)) {
      throw new DataDirectoryException(
          root
              + ": written by another version, format "
              + properties.getProperty("version")
              + "; this version reads format "
              + FORMAT_VERSION);
    }
    if (!properties.getProperty("name").equals(memberName)) {
      throw new DataDirectoryException(
          root
              + ": belongs to member "
              + properties.getProperty("name")
              + ", not to "
              + memberName
              + "; check --name and --data-dir");
    }
    if (!properties.getProperty("cluster").equals(hex(clusterId))) {
      throw new DataDirectoryException(
          root
              + ": belongs to cluster "
              + properties.getProperty("cluster")
              + ", not to "
              + hex(clusterId)
              + "; check --initial-cluster, --initial-cluster-token and --data-dir");
    }
  }

  private static void refuseStrayRaftData(Path root) throws DataDirectoryException {
    if (!isEmpty(root.resolve("raft"))) {
      throw new DataDirectoryException(
          root
              + ": holds Raft data but no "
              + IDENTITY_FILE
              + ", so nobody can say whose it is"
              + moveAside());
    }
  }

  private static void refusePartlyDeleted(Path root, String memberName)
      throws DataDirectoryException {
    for (String part : new String[] {"log", "meta"}) {
      Path path = root.resolve("raft").resolve(part);
      if (isEmpty(path)) {
        throw new DataDirectoryException(
            path
                + ": missing or empty though member "
                + memberName
                + " has run here; without it the member may not vote"
                + moveAside());
      }
    }
  }

  private static String moveAside() {
    return "; move the data directory aside and start the member once with --replace-member";
  }

  private static boolean isEmpty(Path directory) throws DataDirectoryException {
    if (!Files.isDirectory(directory)) {
      return true;
    }
    try (Stream<Path> files = Files.list(directory)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new DataDirectoryException(directory + ": cannot be read: " + reason(e), e);
    }
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String newIdentity(RandomSource random) {
    return hex(random.nextLong()) + hex(random.nextLong());
  }

  private static String hex(long value) {
    return String.format(Locale.ROOT, "%016x", value);
  }

  private static String reason(IOException e) {
    return e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
  }

  private static void closeQuietly(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException ignored) {
      // The lock goes with the process at the latest.
    }
  }
}
