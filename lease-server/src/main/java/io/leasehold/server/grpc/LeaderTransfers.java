package io.leasehold.server.grpc;

import io.leasehold.raft.Replica;
import io.leasehold.server.route.LeaseRouter;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Hands leadership to members that an operator named, and tells when they have it. Any thread. */
public final class LeaderTransfers {
  private final Replica replica;
  private final ScheduledExecutorService scheduler;

  private final List<Transfer> waiting = new CopyOnWriteArrayList<>();

  public LeaderTransfers(Replica replica, ScheduledExecutorService scheduler) {
    this.replica = replica;
    this.scheduler = scheduler;
    replica.onLeadershipChange(this::leadershipChanged);
  }

  /**
   * Has a member lead.
   *
   * @param done told once: whether the member leads now, before other requests would time out too
   */
  void transferTo(String member, Consumer<Boolean> done) {
    Transfer transfer = new Transfer(member, done);
    waiting.add(transfer);
    var unused =
        scheduler.schedule(
            () -> transfer.end(false), LeaseRouter.DEADLINE_NANOS, TimeUnit.NANOSECONDS);
    if (member.equals(replica.leadership().leader())) {
      transfer.end(true);
    } else if (!replica.transferLeadership(member)) {
      transfer.end(false);
    }
  }

  private void leadershipChanged(Replica.Leadership leadership) {
    for (Transfer transfer : waiting) {
      if (transfer.member.equals(leadership.leader())) {
        transfer.end(true);
      }
    }
  }

  /** A transfer under way. */
  private final class Transfer {
    private final String member;
    private final Consumer<Boolean> done;
    private final AtomicBoolean isEnded = new AtomicBoolean();

    Transfer(String member, Consumer<Boolean> done) {
      this.member = member;
      this.done = done;
    }

    void end(boolean isLeading) {
      if (isEnded.compareAndSet(false, true)) {
        waiting.remove(this);
        done.accept(isLeading);
      }
    }
  }
}
