package io.leasehold.server.quota;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.raft.Replica;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this member's state within its quota: refuses what does not fit, and raises an alarm for
 * the whole cluster when it is full, which lasts until an operator ends it.
 *
 * <p>The size is looked up twice a second and after a defragmentation, and what was let through
 * since is added to it. Any thread; looking runs on the executor, or on the thread that
 * defragments.
 */
public final class SpaceQuota {
  private static final Logger LOG = LoggerFactory.getLogger(SpaceQuota.class);
  private static final long LOOK_MILLIS = 500;

  /** What an alarm takes in a log entry; it is counted nowhere. */
  private static final int ALARM_BYTES = 32;

  private final long memberId;
  private final long quotaBytes;
  private final Replica replica;
  private final LeaseRouter router;
  private final ScheduledExecutorService executor;
  private final LongAdder letThroughBytes = new LongAdder();
  private final AtomicBoolean isRaising = new AtomicBoolean();
  private volatile long stateBytes;

  /**
   * @param quotaBytes {@link Long#MAX_VALUE} for no limit
   */
  public SpaceQuota(
      long memberId,
      long quotaBytes,
      Replica replica,
      LeaseRouter router,
      ScheduledExecutorService executor) {
    this.memberId = memberId;
    this.quotaBytes = quotaBytes;
    this.replica = replica;
    this.router = router;
    this.executor = executor;
  }

  /** Starts to watch the size. Call once. */
  public void start() {
    var unused = executor.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
  }

  public long quotaBytes() {
    return quotaBytes;
  }

  /** Lets a request through, or tells that it does not fit; the alarm is then raised soon. */
  public boolean takes(int bytes) {
    if (quotaBytes == Long.MAX_VALUE) {
      return true;
    }
    if (stateBytes + letThroughBytes.sum() + bytes <= quotaBytes) {
      letThroughBytes.add(bytes);
      return true;
    }
    raise();
    return false;
  }

  /**
   * Looks the size up. Whoever made it smaller does so before saying so: the next request is not to
   * be judged by what was there before. Blocks on figures of the engine.
   */
  public synchronized void look() {
    try {
      stateBytes = replica.status().stateBytes();
      letThroughBytes.reset();
      if (stateBytes > quotaBytes) {
        raise();
      }
    } catch (RuntimeException e) {
      LOG.warn("the size of the state is not known: {}", e.toString());
    }
  }

  private void raise() {
    if (isRaised() || !isRaising.compareAndSet(false, true)) {
      return;
    }
    LOG.warn(
        "the state takes {} of {} bytes, or would with the next request: raising the alarm NOSPACE;"
            + " compact, defragment, and disarm it",
        stateBytes,
        quotaBytes);
    router.propose(
        new Command.SetAlarm(memberId, Alarm.NO_SPACE, true),
        ALARM_BYTES,
        new LeaseRouter.CommandCallback() {
          @Override
          public void applied(Outcome outcome) {
            isRaising.set(false);
          }

          @Override
          public void failed(RequestFailure failure) {
            LOG.warn("the alarm NOSPACE could not be raised: {}", failure);
            isRaising.set(false);
          }
        });
  }

  private boolean isRaised() {
    return replica.alarms().contains(new AlarmRecord(memberId, Alarm.NO_SPACE));
  }
}
