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
 */
public final class SharedRounds {
  /** Runs one round and completes with whether it succeeded. Must complete exactly once. */
  @FunctionalInterface
  public interface Round {
    void run(Consumer<Boolean> done);
  }

  private static final Logger LOG = LoggerFactory.getLogger(SharedRounds.class);

  private final Round round;
  private final Object lock = new Object();
  private List<Consumer<Boolean>> waiting = new ArrayList<>();
  private boolean running;

  public SharedRounds(Round round) {
    this.round = round;
  }

  /** Calls back with the result of a round that begins after this call. */
  public void join(Consumer<Boolean> done) {
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
    List<Consumer<Boolean>> joined;
    synchronized (lock) {
      if (waiting.isEmpty()) {
        running = false;
        return;
      }
      joined = waiting;
      waiting = new ArrayList<>();
    }
    AtomicBoolean ended = new AtomicBoolean();
    Consumer<Boolean> done =
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
      done.accept(false);
    }
  }

  private void end(List<Consumer<Boolean>> joined, boolean result) {
    // The next round first: it need not wait for this one's callers.
    begin();
    for (Consumer<Boolean> done : joined) {
      try {
        done.accept(result);
      } catch (RuntimeException e) {
        LOG.error("a caller failed on the answer of its round", e);
      }
    }
  }
}
