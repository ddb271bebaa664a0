package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A page of memory that the harness shares with what was compiled to hinder a member: orders one
 * way, counts the other. Safe for use by several threads.
 */
final class ControlPage implements AutoCloseable {
  private static final int BYTES = 4096;

  /** Where a number stands. */
  enum Field {
    // What is preloaded into members, in the order of its source.
    WALL_OFFSET_SECONDS(0),
    SYNC_DELAY_MICROS(1),
    SYNC_ERROR(2),
    WALL_READS_MOVED(3),
    SYNCS_DELAYED(4),
    SYNCS_REFUSED(5),

    // The wire, in the order of its source.
    FRAME_DELAY_MICROS(0),
    FRAME_JITTER_MICROS(1),
    FRAMES_DELAYED(2);

    private final int place;

    Field(int place) {
      this.place = place;
    }

    private long offset() {
      return (long) place * Long.BYTES;
    }
  }

  private final Path file;
  private final FileChannel channel;

  private ControlPage(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /** Makes a page of zeros: nothing is hindered. */
  static ControlPage make(Path file) {
    try {
      FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      channel.write(ByteBuffer.allocate(BYTES));
      return new ControlPage(file, channel);
    } catch (IOException e) {
      throw new ClusterException("cannot make " + file + ": " + e.getMessage(), e);
    }
  }

  Path file() {
    return file;
  }

  void set(Field field, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    bytes.putLong(0, value);
    try {
      channel.write(bytes, field.offset());
    } catch (IOException e) {
      throw new ClusterException("cannot write " + file + ": " + e.getMessage(), e);
    }
  }

  long get(Field field) {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
    try {
      channel.read(bytes, field.offset());
    } catch (IOException e) {
      throw new ClusterException("cannot read " + file + ": " + e.getMessage(), e);
    }
    return bytes.getLong(0);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new ClusterException("cannot close " + file + ": " + e.getMessage(), e);
    }
  }
}
