package io.leasehold.server.forward;

/** Hears of forwarded batches, for metrics. Called from any thread; must not block. */
public interface ForwardObserver {
  /** A message with {@code requests} requests went to the leader. */
  void batchSent(int requests);

  /** A message with {@code requests} requests came from a follower. */
  void batchReceived(int requests);

  /** Hears nothing. */
  ForwardObserver NONE =
      new ForwardObserver() {
        @Override
        public void batchSent(int requests) {}

        @Override
        public void batchReceived(int requests) {}
      };
}
