package io.leasehold.client;

import java.time.Duration;
import java.util.Optional;

/**
 * A lease that the client renews until this is closed, or the lease is lost.
 *
 * <p>All answers are given from this process alone and by its monotonic clock at the moment of the
 * question: after a pause of the process the first question finds the lease lost, whether or not
 * any event was delivered.
 */
public interface KeptLease extends AutoCloseable {
  /** Returns the lease's ID. */
  long id();

  /** Returns what may be believed of the lease now. */
  LeaseState state();

  /** Returns for how long the lease is certainly held yet if no renewal succeeds; zero if lost. */
  Duration remaining();

  /** Returns why the lease was lost, or nothing while it is not. */
  Optional<LossReason> lossReason();

  /** Stops renewing the lease. It lives on in the cluster until its TTL is over. */
  @Override
  void close();
}
