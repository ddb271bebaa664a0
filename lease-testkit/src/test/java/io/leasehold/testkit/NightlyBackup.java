package io.leasehold.testkit;

import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseLostException;
import java.util.concurrent.CountDownLatch;

/** A service as its authors would write it: it works for as long as it holds a lock. */
final class NightlyBackup implements Runnable {
  /** What became of it. */
  enum End {
    DONE,
    LOCK_LOST,
    FAILED
  }

  private final DistributedLock lock;
  private final CountDownLatch isWorking = new CountDownLatch(1);
  private final CountDownLatch isDone = new CountDownLatch(1);
  private volatile End end = End.FAILED;

  NightlyBackup(DistributedLock lock) {
    this.lock = lock;
  }

  @Override
  public void run() {
    try {
      end = lock.runWhileHeld(this::copyTables);
    } catch (LeaseLostException e) {
      end = End.LOCK_LOST;
    } catch (Exception e) {
      end = End.FAILED;
    }
  }

  private End copyTables() throws InterruptedException {
    isWorking.countDown();
    isDone.await();
    return End.DONE;
  }

  void awaitWork() throws InterruptedException {
    isWorking.await();
  }

  void finishWork() {
    isDone.countDown();
  }

  End end() {
    return end;
  }
}
