package io.leasehold.raft.jraft;

import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.FatalErrorHandler;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The owner thread of one lessor: ticks it when it wants to be ticked, until it is demoted and has
 * let everybody go.
 */
final class LessorDriver {
  private final NanoClock clock;
  private final FatalErrorHandler fatal;
  private volatile boolean stopping;
  private volatile @Nullable Thread thread;

  LessorDriver(NanoClock clock, FatalErrorHandler fatal) {
    this.clock = clock;
    this.fatal = fatal;
  }

  void start(Lessor lessor) {
    Thread started = new Thread(() -> drive(lessor), "lessor-" + lessor.term());
    started.setDaemon(true);
    thread = started;
    started.start();
  }

  /** Makes the lessor be ticked soon. Any thread. */
  void wakeUp() {
    LockSupport.unpark(thread);
  }

  /** Ticks the lessor, which has been demoted, once more and ends the thread. */
  void stop() {
    stopping = true;
    wakeUp();
  }

  /** Waits until the thread, which has been told to stop, has ended. */
  void awaitEnd() {
    Thread stopped = thread;
    if (stopped == null) {
      return;
    }
    try {
      stopped.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void drive(Lessor lessor) {
    try {
      while (true) {
        boolean last = stopping; // read before the tick, so that the last tick sees the demotion
        long next = lessor.tick(clock.nanoTime());
        if (last) {
          return;
        }
        long waitNanos = next - clock.nanoTime();
        if (waitNanos > 0) {
          LockSupport.parkNanos(this, waitNanos);
        }
      }
    } catch (RuntimeException | Error e) {
      fatal.fail("the lessor of term " + lessor.term() + " failed: " + e);
      throw e;
    }
  }
}
