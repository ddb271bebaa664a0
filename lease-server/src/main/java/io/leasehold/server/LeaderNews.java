package io.leasehold.server;

import io.leasehold.raft.Replica.Leadership;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the parts of the server who leads, and says once that the member is ready: it can be
 * reached, and it has a leader. Either may come first.
 *
 * <p>Any thread. Whoever brings the news reads it under the lock, so that the parts never end with
 * older news than the replica has.
 */
final class LeaderNews {
  private final Supplier<Leadership> leadership;
  private final List<Consumer<Leadership>> parts;
  private @Nullable Consumer<String> ready;

  /**
   * @param leadership the replica's present knowledge
   * @param parts are told in this order, and may be told the same twice
   */
  LeaderNews(Supplier<Leadership> leadership, List<Consumer<Leadership>> parts) {
    this.leadership = leadership;
    this.parts = List.copyOf(parts);
  }

  /** Passes on what has changed. */
  synchronized void changed() {
    Leadership now = leadership.get();
    parts.forEach(part -> part.accept(now));
    sayReady(now);
  }

  /**
   * Notes that the ports are open.
   *
   * @param whenReady told the leader's name, once, as soon as there is one
   */
  synchronized void portsAreOpen(Consumer<String> whenReady) {
    ready = whenReady;
    changed();
  }

  private void sayReady(Leadership now) {
    Consumer<String> due = ready;
    if (due != null && now.leader() != null) {
      ready = null;
      due.accept(now.leader());
    }
  }
}
