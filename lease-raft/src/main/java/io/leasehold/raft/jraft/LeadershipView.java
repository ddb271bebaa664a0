package io.leasehold.raft.jraft;

import io.leasehold.core.lessor.Lessor;
import io.leasehold.raft.Replica.Leadership;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who leads, as this member knows it, and the lessor while it does. Written by the apply thread,
 * read by any.
 *
 * <p>A listener that throws is a bug of its owner, and no reason to stop replication.
 */
final class LeadershipView {
  private static final Logger LOG = LoggerFactory.getLogger(LeadershipView.class);

  private final List<Consumer<Leadership>> listeners = new CopyOnWriteArrayList<>();
  private volatile Leadership leadership = new Leadership(0, null, false);
  private volatile @Nullable Lessor lessor;

  Leadership leadership() {
    return leadership;
  }

  @Nullable Lessor lessor() {
    return lessor;
  }

  void onChange(Consumer<Leadership> listener) {
    listeners.add(listener);
  }

  void leads(long term, String name, Lessor promoted) {
    lessor = promoted;
    change(new Leadership(term, name, true));
  }

  void follows(long term, @Nullable String leader) {
    lessor = null;
    change(new Leadership(Math.max(term, leadership.term()), leader, false));
  }

  private void change(Leadership changed) {
    leadership = changed;
    for (Consumer<Leadership> listener : listeners) {
      try {
        listener.accept(changed);
      } catch (RuntimeException e) {
        LOG.error("a listener failed on {}", changed, e);
      }
    }
  }
}
