package io.leasehold.client;

/** Hears what becomes of a lease, one event after the other, on a thread of the client. */
@FunctionalInterface
public interface LeaseListener {
  /** Is told of an event. What it throws is logged and otherwise ignored. */
  void on(LeaseEvent event);
}
