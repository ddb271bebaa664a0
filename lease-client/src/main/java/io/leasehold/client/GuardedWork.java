package io.leasehold.client;

import java.util.concurrent.Callable;

/** Work that is interrupted when the lease it depends on is at risk. */
final class GuardedWork {
  private GuardedWork() {}

  /**
   * Runs work on this thread.
   *
   * @throws LeaseLostException if the lease was lost before the work was done, or the work gave up
   *     because of the risk
   */
  static <T> T run(Session session, Place place, Callable<T> work) throws Exception {
    Interrupter interrupter = new Interrupter(Thread.currentThread());
    LeaseListener listener =
        event -> {
          if (event instanceof LeaseEvent.AtRisk || event instanceof LeaseEvent.Lost) {
            interrupter.interrupt();
          }
        };
    session.addDirect(listener);
    try {
      if (place.lease().state() != LeaseState.ALIVE) {
        interrupter.interrupt();
      }
      T result = work.call();
      boolean unused = interrupter.stop();
      if (place.lease().state() == LeaseState.LOST) {
        throw place.lost();
      }
      return result;
    } catch (InterruptedException e) {
      if (interrupter.stop()) {
        LeaseLostException atRisk =
            new LeaseLostException(
                "the work was interrupted because the lock is at risk",
                place.lease().lossReason().orElse(LossReason.UNREACHABLE));
        atRisk.addSuppressed(e);
        throw atRisk;
      }
      throw e;
    } finally {
      boolean unused = interrupter.stop();
      session.remove(listener);
    }
  }

  /** Interrupts a thread at most once, and not after it was stopped. */
  private static final class Interrupter {
    private final Thread thread;
    private boolean isStopped;
    private boolean hasInterrupted;

    Interrupter(Thread thread) {
      this.thread = thread;
    }

    synchronized void interrupt() {
      if (!isStopped && !hasInterrupted) {
        hasInterrupted = true;
        thread.interrupt();
      }
    }

    /** Takes back an interrupt that was not noticed; returns whether there was one. */
    synchronized boolean stop() {
      if (!isStopped) {
        isStopped = true;
        if (hasInterrupted) {
          boolean unused = Thread.interrupted();
        }
      }
      return hasInterrupted;
    }
  }
}
