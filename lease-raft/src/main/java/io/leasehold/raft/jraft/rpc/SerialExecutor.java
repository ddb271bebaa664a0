package io.leasehold.raft.jraft.rpc;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs tasks one after the other, in order, on threads of another executor. Any thread. */
final class SerialExecutor implements Executor {
  private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

  private final Executor executor;

  /* Guarded by this. */
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private boolean isRunning;
  private boolean isStopped;

  SerialExecutor(Executor executor) {
    this.executor = executor;
  }

  /** Runs the task when those before it have ended; forgets it after {@link #stop}. */
  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      if (isStopped) {
        return;
      }
      waiting.add(task);
      if (isRunning) {
        return;
      }
      isRunning = true;
    }
    try {
      executor.execute(this::run);
    } catch (RejectedExecutionException e) {
      stop();
      throw e;
    }
  }

  /** Forgets what has not begun, and whatever comes. */
  synchronized void stop() {
    isStopped = true;
    waiting.clear();
  }

  private void run() {
    for (Runnable task = next(); task != null; task = next()) {
      try {
        task.run();
      } catch (RuntimeException e) {
        LOG.error("a task failed", e);
      }
    }
  }

  private synchronized @Nullable Runnable next() {
    Runnable task = waiting.poll();
    if (task == null) {
      isRunning = false;
    }
    return task;
  }
}
