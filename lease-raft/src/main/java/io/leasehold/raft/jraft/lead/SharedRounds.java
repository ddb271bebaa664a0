package io.leasehold.raft.jraft.lead;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets callers share rounds: a call that comes while a round is under way joins the next one, which
 * begins when this one ends, so that each caller's round begins after its call.
 *
 * <p>Any thread; callbacks run on the thread that completes the round.
 *
 * @param <T> what a round finds out
 */
public final class SharedRounds<T> {
  /** Runs one round and completes with its result. Must complete at least once. */
  @FunctionalInterface
  public interface Round<T> {
    void run(Consumer<T> done);
  }

  private static final Logger LOG = LoggerFactory.getLogger(SharedRounds.class);

  private final Round<T> round;
  private final T failed;
  private final Object lock = new Object();
  private List<Consumer<T>> waiting = new ArrayList<>();
  private boolean running;

  /**
   * @param failed the result of a round that cannot begin
   */
  public SharedRounds(Round<T> round, T failed) {
    this.round = round;
    this.failed = failed;
  }

  /** Calls back with the result of a round that begins after this call. */
  public void join(Consumer<T> done) {
    synchronized (lock) {
      waiting.add(done);
      if (running) {
        return;
      }
      running = true;
    }
    begin();
  }

  private void begin() {
    List<Consumer<T>> joined;
    synchronized (lock) {
      if (waiting.isEmpty()) {
        running = false;
        return;
      }
      joined = waiting;
      waiting = new ArrayList<>();
    }
    AtomicBoolean ended = new AtomicBoolean();
    Consumer<T> done =
        result -> {
          if (ended.compareAndSet(false, true)) {
            end(joined, result);
          }
        };
    try {
      round.run(done);
    } catch (RuntimeException e) {
      // A round that cannot begin has failed: those who joined must not wait for ever.
      LOG.warn("a round failed to begin", e);
      done.accept(failed);
    }
  }

  private void end(List<Consumer<T>> joined, T result) {
    // The next round first: it need not wait for this one's callers.
    begin();
    for (Consumer<T> done : joined) {
      try {
        done.accept(result);
      } catch (RuntimeException e) {
        LOG.error("a caller failed on the answer of its round", e);
      }
    }
  }
}
