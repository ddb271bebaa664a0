package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Something that waits, on a thread of its own. */
final class Call<T> {
  private static final long SECONDS_MAX = 20;

  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Thread thread;
  private volatile boolean wasInterrupted;

  private Call(Callable<T> what) {
    thread =
        new Thread(
            () -> {
              try {
                T value = what.call();
                wasInterrupted = Thread.currentThread().isInterrupted();
                boolean unused = result.complete(value);
              } catch (Exception | AssertionError e) {
                wasInterrupted = Thread.currentThread().isInterrupted();
                boolean unused = result.completeExceptionally(e);
              }
            });
    thread.setDaemon(true);
  }

  static <T> Call<T> start(Callable<T> what) {
    Call<T> call = new Call<>(what);
    call.thread.start();
    return call;
  }

  static Call<Boolean> run(Action what) {
    return start(
        () -> {
          what.run();
          return true;
        });
  }

  /** What may throw. */
  @FunctionalInterface
  interface Action {
    void run() throws Exception;
  }

  void interrupt() {
    thread.interrupt();
  }

  boolean isDone() {
    return result.isDone();
  }

  /** Whether the thread was marked as interrupted at the end. */
  boolean wasInterrupted() {
    return wasInterrupted;
  }

  T get() throws InterruptedException, TimeoutException {
    try {
      return result.get(SECONDS_MAX, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError("it failed", e.getCause());
    }
  }

  <X extends Throwable> X failure(Class<X> type) throws InterruptedException, TimeoutException {
    try {
      T value = result.get(SECONDS_MAX, TimeUnit.SECONDS);
      throw new AssertionError("it did not fail, but came to " + value);
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(type);
      return type.cast(e.getCause());
    }
  }
}
