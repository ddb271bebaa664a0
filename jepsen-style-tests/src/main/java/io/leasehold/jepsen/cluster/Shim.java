package io.leasehold.jepsen.cluster;

import io.leasehold.jepsen.cluster.ControlPage.Field;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What is preloaded into one member. Outlives the member's processes. */
final class Shim implements WallClock, Syncs, AutoCloseable {
  /** EIO, on every system that this runs on. */
  private static final int DEVICE_ERROR = 5;

  private final Path library;
  private final Path data;
  private final ControlPage page;

  /**
   * @param data the member's data directory, which need not exist yet
   */
  Shim(Path library, Path data, Path pageFile) {
    this.library = library;
    this.data = data;
    this.page = ControlPage.make(pageFile);
  }

  Path library() {
    return library;
  }

  List<String> variables() {
    return List.of("JEPSEN_PAGE=" + page.file(), "JEPSEN_DATA=" + data);
  }

  @Override
  public void move(long seconds) {
    page.set(Field.WALL_OFFSET_SECONDS, seconds);
  }

  @Override
  public long readsMoved() {
    return page.get(Field.WALL_READS_MOVED);
  }

  @Override
  public void delay(Duration length) {
    page.set(Field.SYNC_DELAY_MICROS, TimeUnit.NANOSECONDS.toMicros(length.toNanos()));
  }

  @Override
  public void refuse() {
    page.set(Field.SYNC_ERROR, DEVICE_ERROR);
  }

  @Override
  public void heal() {
    page.set(Field.SYNC_DELAY_MICROS, 0);
    page.set(Field.SYNC_ERROR, 0);
  }

  @Override
  public long delayed() {
    return page.get(Field.SYNCS_DELAYED);
  }

  @Override
  public long refused() {
    return page.get(Field.SYNCS_REFUSED);
  }

  @Override
  public void close() {
    page.close();
  }
}
