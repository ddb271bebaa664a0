package io.leasehold.jepsen.cluster;

import java.time.Duration;

/** What one member hands to its disk to be kept. */
public interface Syncs {
  /** Has every sync of the member's data take longer by so much. */
  void delay(Duration length);

  /** Has every sync of the member's data fail with an error of the device. */
  void refuse();

  /** Lets all go on as it should. */
  void heal();

  /** How many were delayed so far. */
  long delayed();

  /** How many were refused so far. */
  long refused();
}
