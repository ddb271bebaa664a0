package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.ClusterException;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A member that loses what it had: its data is deleted, or a byte of it is flipped while it does
 * not run. It comes back with an empty directory in its old place; damaged data is moved aside
 * first.
 */
final class LossFault implements Fault {
  /** What is lost. */
  enum Part {
    /** Everything. */
    DIRECTORY(""),
    /** A byte of the log. */
    LOG("raft/log"),
    /** A byte of a snapshot. */
    SNAPSHOT("raft/snapshot");

    private final String folder;

    Part(String folder) {
      this.folder = folder;
    }
  }

  private static final Duration READY_MAX = Duration.ofSeconds(30);

  /** How long a member with damaged data is watched before it counts as going on. */
  private static final Duration REFUSAL_MAX = Duration.ofSeconds(10);

  private static final String REPLACE = "--replace-member=true";

  private final Part part;
  private final Random random;
  private @Nullable String member;
  private @Nullable String done;
  private String outcome = "";

  LossFault(Part part, Random random) {
    this.part = part;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return part == Part.DIRECTORY
        ? Set.of(Capability.PROCESSES, Capability.REPLACEMENT)
        : Set.of(Capability.PROCESSES, Capability.REPLACEMENT, Capability.LEASEHOLD_FILES);
  }

  @Override
  public void inject(TestCluster cluster) {
    // Only one member may be without memory: with another one away, what was acknowledged is gone.
    if (!allServe(cluster)) {
      return;
    }
    List<String> members = cluster.members();
    String chosen = members.get(random.nextInt(members.size()));
    member = chosen;
    cluster.kill(chosen);
    if (part == Part.DIRECTORY) {
      cluster.wipe(chosen);
      done = "all its data deleted";
      cluster.start(chosen, REPLACE);
      return;
    }
    Path flipped = flip(cluster.dataDirectory(chosen).resolve(part.folder));
    if (flipped == null) {
      outcome = "; it has no " + part.folder + " yet";
    } else {
      cluster.start(chosen);
      boolean hasStopped = Waits.until(REFUSAL_MAX, () -> !cluster.isRunning(chosen));
      outcome = hasStopped ? "; it stopped: " + LastLine.of(cluster.log(chosen)) : "; it went on";
    }
  }

  private static boolean allServe(TestCluster cluster) {
    return Waits.until(
        READY_MAX,
        () -> cluster.isReady() && cluster.members().stream().allMatch(cluster::isRunning));
  }

  /** Flips one bit of the largest file; returns the file, or null when there is none. */
  private @Nullable Path flip(Path folder) {
    try {
      Path file = largest(folder);
      if (file == null) {
        return null;
      }
      try (RandomAccessFile content = new RandomAccessFile(file.toFile(), "rw")) {
        long at = (long) (random.nextDouble() * content.length());
        content.seek(at);
        int old = content.read();
        content.seek(at);
        content.write(old ^ (1 << random.nextInt(Byte.SIZE)));
        content.getFD().sync();
        done = "byte " + at + " of " + content.length() + " of " + file.getFileName() + " flipped";
      }
      return file;
    } catch (IOException e) {
      throw new ClusterException("cannot flip a byte in " + folder + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Path largest(Path folder) throws IOException {
    Path found = null;
    long size = 0;
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          if (isContent(file) && Files.size(file) > size) {
            found = file;
            size = Files.size(file);
          }
        }
      }
    }
    return found;
  }

  /** RocksDB also keeps a diary, called LOG, and its options, which hold nothing of ours. */
  private static boolean isContent(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".log") || name.endsWith(".sst");
  }

  @Override
  public void heal(TestCluster cluster) {
    String hit = member;
    if (hit == null) {
      return;
    }
    if (part != Part.DIRECTORY && done != null) {
      // What is damaged may show it late: the member starts over in any case.
      cluster.kill(hit);
      cluster.setAside(hit);
    }
    if (!cluster.isRunning(hit)) {
      if (done == null) {
        cluster.start(hit);
      } else {
        cluster.start(hit, REPLACE);
      }
    }
  }

  @Override
  public boolean hasHappened() {
    return done != null;
  }

  @Override
  public Set<String> members() {
    String hit = member;
    return hit == null ? Set.of() : Set.of(hit);
  }

  @Override
  public String describe() {
    return (member == null ? "nobody" : member)
        + ": "
        + (done == null ? "nothing lost" : done)
        + outcome;
  }
}
