package io.leasehold.client.internal;

import io.leasehold.client.internal.time.NanoClock;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread of a client that owns its state and its timers. Whatever runs here must not block.
 * What comes after it was closed is dropped.
 */
public final class OwnerThread implements Foundation.Owner, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OwnerThread.class);
  private static final long END_SECONDS_MAX = 5;

  private final NanoClock clock;
  private final ScheduledThreadPoolExecutor executor;

  public OwnerThread(String name, NanoClock clock) {
    this.clock = clock;
    this.executor =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    executor.setRemoveOnCancelPolicy(true);
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  @Override
  public void execute(Runnable task) {
    executor.execute(guarded(task));
  }

  @Override
  public Future<?> executeAt(long nanos, Runnable task) {
    return executor.schedule(
        guarded(task), Math.max(0, nanos - clock.nanoTime()), TimeUnit.NANOSECONDS);
  }

  private static Runnable guarded(Runnable task) {
    return () -> {
      try {
        task.run();
      } catch (RejectedExecutionException e) {
        LOG.debug("a callback came after its executor was shut down", e);
      } catch (RuntimeException e) {
        LOG.error("a task of the client failed", e);
      }
    };
  }

  /** Runs what was handed in, but no timers, and ends the thread. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS)) {
        LOG.warn("a task of the client does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
