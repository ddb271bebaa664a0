package io.leasehold.testkit;

import io.leasehold.core.time.NanoClock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets threads wait for what others bring about. Any thread. */
final class Changes {
  /** What nobody tells of, such as an entry that a follower applies, is looked for this often. */
  private static final long LOOK_AGAIN_NANOS = 5_000_000;

  private final NanoClock clock;
  private final Duration patience;
  private long count;

  Changes(NanoClock clock, Duration patience) {
    this.clock = clock;
    this.patience = patience;
  }

  /** Makes those who wait look again. */
  synchronized void changed() {
    count++;
    notifyAll();
  }

  Duration patience() {
    return patience;
  }

  private synchronized long count() {
    return count;
  }

  /**
   * Waits until there is a value, and returns it.
   *
   * @param what says what is waited for, and how things stand
   * @throws ClusterException when patience ends
   */
  <T> T await(Supplier<@Nullable T> value, Supplier<String> what) {
    long deadlineNanos = clock.nanoTime() + patience.toNanos();
    while (true) {
      long seen = count();
      T found = value.get();
      if (found != null) {
        return found;
      }
      if (clock.nanoTime() - deadlineNanos >= 0) {
        throw new ClusterException("not within " + patience.toSeconds() + " s: " + what.get());
      }
      awaitChangeAfter(seen, what);
    }
  }

  /**
   * Waits until the future is done, and returns what it brought.
   *
   * @throws ClusterException when patience ends, or with what the future failed of
   */
  <T> T await(CompletableFuture<T> future, Supplier<String> what) {
    CompletableFuture<T> told = future.whenComplete((value, error) -> changed());
    try {
      return await(() -> told.getNow(null), what);
    } catch (CompletionException e) {
      throw ClusterException.of(e);
    }
  }

  private synchronized void awaitChangeAfter(long seen, Supplier<String> what) {
    try {
      if (count == seen) {
        TimeUnit.NANOSECONDS.timedWait(this, LOOK_AGAIN_NANOS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClusterException("interrupted while waiting: " + what.get(), e);
    }
  }
}
