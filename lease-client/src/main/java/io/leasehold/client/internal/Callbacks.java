package io.leasehold.client.internal;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where users' code runs: on an executor of theirs, or on a few threads of the client's own. Those
 * also run what the users' executor refuses, as a full or closed one does: nobody may miss a loss
 * or wait for a future because of that. Any thread.
 */
final class Callbacks implements Executor, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Callbacks.class);
  private static final int THREADS = 4;
  private static final int IDLE_SECONDS = 10;

  private final @Nullable Executor given;

  /** Has no threads while it has nothing to do. */
  private final ThreadPoolExecutor own = ownThreads();

  Callbacks(@Nullable Executor given) {
    this.given = given;
  }

  private static ThreadPoolExecutor ownThreads() {
    AtomicInteger number = new AtomicInteger();
    // What waits is bounded by the calls in flight and by the events each subscription holds.
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread =
                  new Thread(task, "leasehold-client-callback-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  @Override
  public void execute(Runnable task) {
    if (given == null) {
      own.execute(task);
      return;
    }
    try {
      given.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the given executor refuses a callback", e);
      own.execute(task);
    }
  }

  /** Takes no more; what it has is done yet. The given executor is its owner's to end. */
  @Override
  public void close() {
    own.shutdown();
  }
}
