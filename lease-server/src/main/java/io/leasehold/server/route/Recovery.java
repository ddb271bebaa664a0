package io.leasehold.server.route;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A member's way back to the present after its start. Its state on disk may be behind by all that
 * happened since it was last written, and what has been committed since is known only once a leader
 * says so. Until then nobody may be shown that state, not even who puts up with a stale one: a
 * follower is behind by moments, this by hours maybe. etcd opens its port for clients only then.
 *
 * <p>Any thread.
 */
public final class Recovery {
  private static final long RETRY_MILLIS = 100;

  private final LeaseRouter router;
  private final ScheduledExecutorService scheduler;

  /** Those that wait, in order; null once it is over. Guarded by this. */
  private @Nullable List<Runnable> waiting = new ArrayList<>();

  private volatile boolean isOver;

  /**
   * @param scheduler of the router
   */
  public Recovery(LeaseRouter router, ScheduledExecutorService scheduler) {
    this.router = router;
    this.scheduler = scheduler;
  }

  /** Begins, when the router has been started. Call once. */
  public void start() {
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            over();
          }

          @Override
          public void failed(RequestFailure failure) {
            if (failure != RequestFailure.STOPPING) {
              var unused =
                  scheduler.schedule(Recovery.this::start, RETRY_MILLIS, TimeUnit.MILLISECONDS);
            }
          }
        });
  }

  /** Returns whether all is applied here that was committed when this member was started. */
  public boolean isOver() {
    return isOver;
  }

  /**
   * Runs something once it is over: at once, or later on a thread that it must not block. Never, if
   * the member is stopped before.
   */
  public void whenOver(Runnable action) {
    synchronized (this) {
      if (waiting != null) {
        waiting.add(action);
        return;
      }
    }
    action.run();
  }

  private void over() {
    List<Runnable> actions;
    synchronized (this) {
      actions = waiting;
      waiting = null;
      isOver = true;
    }
    if (actions != null) {
      actions.forEach(Runnable::run);
    }
  }
}
