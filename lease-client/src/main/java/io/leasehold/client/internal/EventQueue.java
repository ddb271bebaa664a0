package io.leasehold.client.internal;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on their way to one listener: told in order, one at a time, on an executor. Any thread may
 * add. When the listener is far behind, the oldest are left out.
 */
public final class EventQueue<E> {
  private static final Logger LOG = LoggerFactory.getLogger(EventQueue.class);

  /** Far more changes of state than a listener misses in hours. */
  private static final int WAITING_MAX = 1024;

  private final Executor executor;
  private final Consumer<E> listener;
  private final ArrayDeque<E> waiting = new ArrayDeque<>(2);
  private boolean isDelivering;

  public EventQueue(Executor executor, Consumer<E> listener) {
    this.executor = executor;
    this.listener = listener;
  }

  /** Leaves an event for the listener. */
  public void tell(E event) {
    synchronized (waiting) {
      if (waiting.size() >= WAITING_MAX) {
        LOG.warn("a listener is {} events behind; the oldest is left out", WAITING_MAX);
        waiting.remove();
      }
      waiting.add(event);
      if (isDelivering) {
        return;
      }
      isDelivering = true;
    }
    executor.execute(this::deliver);
  }

  private void deliver() {
    for (E event; (event = next()) != null; ) {
      try {
        listener.accept(event);
      } catch (RuntimeException | Error e) {
        // An error, too, must not keep it from hearing of what comes next.
        LOG.warn("a listener failed", e);
      }
    }
  }

  private @Nullable E next() {
    synchronized (waiting) {
      E event = waiting.poll();
      isDelivering = event != null;
      return event;
    }
  }
}
