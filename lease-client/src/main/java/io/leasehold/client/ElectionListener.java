package io.leasehold.client;

/**
 * Hears what becomes of a candidate: one event after the other, all on one thread of the election's
 * own. It should start and stop work, not do it.
 */
@FunctionalInterface
public interface ElectionListener {
  /** Is told of an event. What it throws is logged and otherwise ignored. */
  void on(ElectionEvent event);
}
