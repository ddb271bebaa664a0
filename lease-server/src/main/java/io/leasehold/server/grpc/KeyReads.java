package io.leasehold.server.grpc;

import io.leasehold.core.key.KeyReading;
import io.leasehold.core.state.StateStoreException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads of keys, which may take as long as the disk and the range want, on threads of their own: a
 * few for what reads single keys, and a few for everything else, so that no number of large ranges
 * holds up the small ones. Renewals wait for neither.
 *
 * <p>Owns its threads. Any thread may call.
 */
public final class KeyReads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyReads.class);

  /** Reads that wait for a thread; more are refused. */
  private static final int QUEUE_MAX = 16_384;

  /**
   * Threads for each one that reads single keys: large reads share the processors fairly, and one
   * of a few keys in a wide range, as lock waiters ask for, seldom finds them all taken.
   */
  private static final int LARGE_FACTOR = 4;

  private final Supplier<KeyReading> keys;
  private final ExecutorService small;
  private final ExecutorService large;

  /**
   * @param keys opens a view of the keys as of now
   * @param threads how many read single keys
   */
  public KeyReads(
      Supplier<KeyReading> keys,
      int threads,
      ThreadFactory smallThreads,
      ThreadFactory largeThreads) {
    this.keys = keys;
    this.small = pool(threads, smallThreads);
    this.large = pool(threads * LARGE_FACTOR, largeThreads);
  }

  private static ExecutorService pool(int threads, ThreadFactory factory) {
    return new ThreadPoolExecutor(
        threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE_MAX), factory);
  }

  /**
   * Runs a read on a view of its own; a second time if the first one's view ended under it.
   *
   * @param isSmall whether it reads a few keys at most
   * @param failed told when it cannot run, or not to its end
   */
  void read(boolean isSmall, Consumer<KeyReading> read, Consumer<EtcdError> failed) {
    try {
      (isSmall ? small : large).execute(() -> run(read, failed));
    } catch (RejectedExecutionException e) {
      failed.accept(large.isShutdown() ? EtcdError.STOPPED : EtcdError.TOO_MANY_REQUESTS);
    }
  }

  /** Runs what takes time but needs no view; here and now when there is no room for it. */
  void execute(Runnable task) {
    try {
      large.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  private void run(Consumer<KeyReading> read, Consumer<EtcdError> failed) {
    try {
      readMaybeAnew(read, failed);
    } catch (RuntimeException e) {
      // Whoever asked must not wait for ever.
      LOG.error("a read failed", e);
      failed.accept(EtcdError.FAILED);
    }
  }

  private void readMaybeAnew(Consumer<KeyReading> read, Consumer<EtcdError> failed) {
    try {
      readOnce(read);
    } catch (StateStoreException ended) {
      // A snapshot of the leader's took the place of what was being read: read that.
      LOG.debug("reading keys anew", ended);
      try {
        readOnce(read);
      } catch (StateStoreException e) {
        LOG.error("keys could not be read", e);
        failed.accept(EtcdError.STOPPED);
      }
    }
  }

  private void readOnce(Consumer<KeyReading> read) {
    try (KeyReading view = keys.get()) {
      read.accept(view);
    }
  }

  @Override
  public void close() {
    small.shutdownNow();
    large.shutdownNow();
  }
}
