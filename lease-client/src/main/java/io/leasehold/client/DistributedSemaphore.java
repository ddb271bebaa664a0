package io.leasehold.client;

import java.time.Duration;
import java.util.Optional;

/**
 * A number of permits for the whole cluster. Fair: whoever asked first has one first.
 *
 * <p>Everybody must name the same number: each judges by its own whether its turn has come. Who
 * waits hears of each permit that is given back, so this is for lines of tens, not of thousands.
 */
public final class DistributedSemaphore {
  private final Session session;
  private final Line line;

  DistributedSemaphore(Session session, String name, int permits) {
    this.session = session;
    Bytes prefix = Bytes.of(name + "/");
    this.line = new Line(prefix, prefix, permits);
  }

  /**
   * Takes a permit, however long that takes.
   *
   * @throws LeaseLostException when the session's lease is lost
   */
  public Hold acquire() throws InterruptedException {
    return Hold.await(session, line);
  }

  /** Takes a permit if there is one within a time; zero: if there is one now. */
  public Optional<Hold> tryAcquire(Duration most) throws InterruptedException {
    return Hold.within(session, line, most);
  }
}
