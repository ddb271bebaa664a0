package io.leasehold.jepsen.cluster;

import io.leasehold.jepsen.cluster.ControlPage.Field;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The link of one member to the bridge, as a process that carries its packets and can delay them.
 * Both ends of the link go with the process.
 */
final class Wire implements AutoCloseable {
  private static final Duration START_MAX = Duration.ofSeconds(10);
  private static final long EXIT_SECONDS_MAX = 10;

  private final Process process;
  private final ControlPage page;

  private Wire(Process process, ControlPage page) {
    this.process = process;
    this.page = page;
  }

  /**
   * Lays a wire and waits until both its ends are there.
   *
   * @param home directory for its page and log
   * @param harness whose packets are never delayed
   */
  static Wire between(
      Path program, String namespace, String inner, String outer, Path home, String harness) {
    ControlPage page = ControlPage.make(home.resolve(outer + ".page"));
    Path log = home.resolve(outer + ".wire");
    ProcessBuilder builder =
        new ProcessBuilder(
                List.of(
                    program.toString(),
                    "/run/netns/" + namespace,
                    inner,
                    outer,
                    page.file().toString(),
                    harness))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put(Owner.VARIABLE, Owner.current());
    try {
      Wire wire = new Wire(builder.start(), page);
      boolean isThere =
          Waits.until(
              START_MAX,
              () ->
                  !wire.process.isAlive()
                      || (Commands.works("ip", "link", "show", outer)
                          && Commands.works("ip", "-n", namespace, "link", "show", inner)));
      if (!isThere || !wire.process.isAlive()) {
        wire.close();
        throw new ClusterException("no wire to " + namespace + "; see " + log);
      }
      return wire;
    } catch (IOException e) {
      page.close();
      throw new ClusterException("cannot start " + program + ": " + e.getMessage(), e);
    }
  }

  void delay(long micros, long jitterMicros) {
    page.set(Field.FRAME_DELAY_MICROS, micros);
    page.set(Field.FRAME_JITTER_MICROS, jitterMicros);
  }

  long framesDelayed() {
    return page.get(Field.FRAMES_DELAYED);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor(EXIT_SECONDS_MAX, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    page.close();
  }
}
