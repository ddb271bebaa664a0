package io.leasehold.client;

/** Hears of changes of keys, one event after the other. While it runs, no more are fetched. */
@FunctionalInterface
public interface WatchListener {
  /** Is told of an event. What it throws is logged and otherwise ignored. */
  void on(WatchEvent event);
}
