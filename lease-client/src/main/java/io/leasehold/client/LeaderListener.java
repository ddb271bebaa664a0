package io.leasehold.client;

import java.util.Optional;

/** Hears who leads, as seen by {@link LeaderView}. */
@FunctionalInterface
public interface LeaderListener {
  /** Is told of a new leader, or that there is none. */
  void on(Optional<Leader> leader);
}
