package io.leasehold.examples;

import io.leasehold.client.Bytes;
import io.leasehold.client.Condition;
import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseLostException;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Session;
import io.leasehold.client.Txn;
import java.time.Duration;

/**
 * A job that never runs twice at the same time.
 *
 * <p>Each step is written under the condition that the lock is still held, so that a step of a
 * process that stood still for too long is refused, whatever that process believes.
 */
public final class LockedJob {
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final Duration STEP = Duration.ofSeconds(1);
  private static final int STEPS = 3;
  private static final Bytes PROGRESS = Bytes.of("examples/progress");

  private LockedJob() {}

  /** Waits for the lock, does the job, and ends. */
  public static void main(String[] arguments) throws Exception {
    String name = Example.name("job");
    try (LeaseClient client = Example.connect();
        Session session = client.openSession(TTL)) {
      DistributedLock lock = session.lock("examples/nightly");
      Example.say(name + " waits for the lock");
      Integer done = lock.runWhileHeld(() -> work(name, client, lock));
      Example.say(name + " is done, " + done + " steps");
    } catch (LeaseLostException e) {
      Example.say(name + " was stopped: " + e.getMessage());
      System.exit(1);
    }
  }

  private static int work(String name, LeaseClient client, DistributedLock lock)
      throws InterruptedException {
    long token = lock.fencingToken();
    Bytes lockKey = lock.key().orElseThrow();
    Example.say(name + " has the lock, token " + token);
    for (int step = 1; step <= STEPS; step++) {
      // Stands for the work of a step, which an interrupt has to end, too: that is how the lock
      // says
      // that it is at risk.
      Thread.sleep(STEP.toMillis());
      boolean isWritten =
          client
              .keys()
              .commit(
                  Txn.when(Condition.createdAt(lockKey, token))
                      .then(new Put(PROGRESS, Bytes.of(name + " step " + step), 0)))
              .succeeded();
      if (!isWritten) {
        throw new IllegalStateException("somebody else has the lock");
      }
      Example.say(name + " wrote step " + step + " of " + STEPS);
    }
    return STEPS;
  }
}
