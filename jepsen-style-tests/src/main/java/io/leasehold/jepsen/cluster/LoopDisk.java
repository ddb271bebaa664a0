package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file system in a file. Its mount carries the number of the run's process in the name of its
 * source, so that what a run that is over left mounted is found. Safe for use by several threads.
 */
final class LoopDisk implements Disk, AutoCloseable {
  private static final String BALLAST = "ballast";
  private static final int CHUNK = 1 << 20;
  private static final Path MOUNTS = Path.of("/proc/mounts");

  private final Path image;
  private final Path directory;
  private boolean isMounted;
  private boolean isOff;

  private LoopDisk(Path image, Path directory) {
    this.image = image;
    this.directory = directory;
  }

  /** Says in one line why this cannot be done here; null when it can. */
  static @Nullable String reasonMissing() {
    if (!Commands.works("sh", "-c", "[ \"$(id -u)\" = 0 ] && losetup -f")) {
      return "disks of their own for members need root and loop devices";
    }
    if (!Commands.works("mkfs.ext4", "-V")) {
      return "disks of their own for members need mkfs.ext4 (Debian package e2fsprogs)";
    }
    return Commands.works("xfs_io", "-V")
        ? null
        : "disks of their own for members need xfs_io (Debian package xfsprogs)";
  }

  static LoopDisk make(Path home, String member, int mebibytes) {
    String name = member + ".lj" + Owner.currentPid();
    LoopDisk disk = new LoopDisk(home.resolve(name + ".img"), home.resolve(name + ".disk"));
    try {
      Files.createDirectories(disk.directory);
      try (RandomAccessFile file = new RandomAccessFile(disk.image.toFile(), "rw")) {
        file.setLength((long) mebibytes << 20);
      }
    } catch (IOException e) {
      throw new ClusterException("cannot make " + disk.image + ": " + e.getMessage(), e);
    }
    Commands.run("mkfs.ext4", "-q", "-F", disk.image.toString());
    disk.mount();
    return disk;
  }

  Path directory() {
    return directory;
  }

  private synchronized void mount() {
    Commands.run("mount", "-o", "loop", image.toString(), directory.toString());
    isMounted = true;
  }

  @Override
  public synchronized void fill(long bytesLeft) {
    Path ballast = directory.resolve(BALLAST);
    long toTake = bytesFree() - bytesLeft;
    byte[] chunk = new byte[CHUNK];
    try (var out = Files.newOutputStream(ballast)) {
      for (long taken = 0; taken < toTake; taken += chunk.length) {
        out.write(chunk, 0, (int) Math.min(chunk.length, toTake - taken));
      }
    } catch (IOException e) {
      // Somebody else took the last of it: full is what was wanted.
    }
  }

  @Override
  public long bytesFree() {
    return directory.toFile().getUsableSpace();
  }

  @Override
  public synchronized void release() {
    try {
      Files.deleteIfExists(directory.resolve(BALLAST));
    } catch (IOException e) {
      throw new ClusterException("cannot delete the ballast of " + image, e);
    }
  }

  @Override
  public synchronized void powerCut() {
    isOff = true;
    Commands.run("xfs_io", "-x", "-c", "shutdown", directory.toString());
  }

  @Override
  public synchronized void powerOn() {
    Commands.run("umount", directory.toString());
    isMounted = false;
    mount();
    isOff = false;
  }

  @Override
  public synchronized boolean isOff() {
    return isOff;
  }

  @Override
  public synchronized void close() {
    if (isMounted) {
      Commands.run("umount", directory.toString());
      isMounted = false;
    }
  }

  /** Unmounts what runs that are over have left mounted; their files stay. */
  static void sweep() {
    if (!Files.exists(MOUNTS)) {
      return;
    }
    try {
      for (String line : Files.readAllLines(MOUNTS)) {
        String[] words = line.split(" ", 3);
        var owner = java.util.regex.Pattern.compile("\\.lj(\\d+)\\.disk$").matcher(words[1]);
        if (owner.find() && Owner.isGone(Long.parseLong(owner.group(1)))) {
          System.out.println("Left over from an earlier run: " + words[1] + ", unmounted");
          Commands.run("umount", words[1]);
        }
      }
    } catch (IOException e) {
      throw new ClusterException("cannot read " + MOUNTS, e);
    }
  }
}
