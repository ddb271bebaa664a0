package io.leasehold.raft.jraft;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whoever waits for an index to be applied. Any thread waits; the apply thread reports, and pays
 * nothing when nobody waits.
 */
final class AppliedWaiters {
  private static final Logger LOG = LoggerFactory.getLogger(AppliedWaiters.class);

  private record Waiter(long index, Runnable done) {}

  private final PriorityQueue<Waiter> waiters =
      new PriorityQueue<>((a, b) -> Long.compare(a.index(), b.index()));
  private volatile long appliedIndex;

  long appliedIndex() {
    return appliedIndex;
  }

  void whenApplied(long index, Runnable done) {
    if (appliedIndex < index) {
      synchronized (waiters) {
        if (appliedIndex < index) {
          waiters.add(new Waiter(index, done));
          return;
        }
      }
    }
    done.run();
  }

  void applied(long index) {
    List<Runnable> served = new ArrayList<>();
    synchronized (waiters) {
      appliedIndex = index;
      for (Waiter next = waiters.peek();
          next != null && next.index() <= index;
          next = waiters.peek()) {
        served.add(waiters.remove().done());
      }
    }
    for (Runnable waiter : served) {
      try {
        waiter.run();
      } catch (RuntimeException e) {
        // Its own affair: the state is applied.
        LOG.error("whoever waited for index {} failed", index, e);
      }
    }
  }
}
