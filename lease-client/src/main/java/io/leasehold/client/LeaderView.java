package io.leasehold.client;

import io.leasehold.client.internal.Foundation;
import java.util.Comparator;
import java.util.Optional;

/**
 * Who leads an election, kept up to date. Answers from memory, so it may be behind for as long as a
 * member takes to tell.
 */
public final class LeaderView implements AutoCloseable {
  private final LeaderListener listener;
  private final KeyView view;
  private Optional<Leader> told = Optional.empty();

  private LeaderView(Foundation core, Bytes prefix, LeaderListener listener) {
    this.listener = listener;
    this.view = KeyView.start(core, prefix, this::changed);
  }

  static LeaderView start(Foundation core, String name, LeaderListener listener) {
    LeaderView view = new LeaderView(core, Bytes.of(name).plus(Bytes.of("/")), listener);
    core.callbacks().execute(view::changed);
    return view;
  }

  private synchronized void changed() {
    Optional<Leader> now = leader();
    if (!now.equals(told)) {
      told = now;
      listener.on(now);
    }
  }

  /** Returns who led when this process last heard of it. */
  public Optional<Leader> leader() {
    return view == null
        ? Optional.empty()
        : view.list().stream()
            .min(Comparator.comparingLong(KeyEntry::createRevision))
            .map(entry -> new Leader(entry.value().text(), entry.createRevision()));
  }

  /** Follows no longer. */
  @Override
  public void close() {
    view.close();
  }
}
