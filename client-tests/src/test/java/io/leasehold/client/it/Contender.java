package io.leasehold.client.it;

import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseholdException;
import io.leasehold.client.Session;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Takes a lock again and again, and prints from when until when it believed to hold it: {@code held
 * TOKEN FROM UNTIL}, both on the monotonic clock that all processes of a machine share. Prints
 * {@code lost TOKEN} when it finds the lock lost.
 */
final class Contender {
  private static final long HOLD_NANOS = Duration.ofMillis(300).toNanos();
  private static final long STEP_NANOS = Duration.ofMillis(1).toNanos();

  private Contender() {}

  /** Arguments: endpoints, name of the lock, TTL in seconds, {@code once} to hold it for ever. */
  public static void main(String[] arguments) {
    boolean isForEver = arguments.length > 3;
    Duration ttl = Duration.ofSeconds(Long.parseLong(arguments[2]));
    try (LeaseClient client = LeaseClient.connect(arguments[0])) {
      while (true) {
        try (Session session = client.openSession(ttl)) {
          DistributedLock lock = session.lock(arguments[1]);
          while (hold(lock, isForEver)) {
            LockSupport.parkNanos(STEP_NANOS);
          }
        } catch (LeaseholdException e) {
          System.out.println("failed " + e.getMessage());
        }
      }
    }
  }

  private static boolean hold(DistributedLock lock, boolean isForEver) {
    lock.lock();
    try {
      long token = lock.fencingToken();
      // The clock is read first: what is believed a moment later was believed then.
      long from = System.nanoTime();
      long until = from;
      boolean isHeld = lock.isHeld();
      if (isHeld) {
        System.out.println("begins " + token);
      }
      while (isHeld && (isForEver || until - from < HOLD_NANOS)) {
        LockSupport.parkNanos(STEP_NANOS);
        long now = System.nanoTime();
        isHeld = lock.isHeld();
        if (isHeld) {
          until = now;
        }
      }
      System.out.println("held " + token + " " + from + " " + until);
      if (!isHeld) {
        System.out.println("lost " + token);
      }
      return isHeld;
    } finally {
      lock.unlock();
    }
  }
}
