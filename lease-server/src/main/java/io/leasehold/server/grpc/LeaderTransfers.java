package io.leasehold.server.grpc;

import io.leasehold.raft.Replica;
import io.leasehold.server.route.LeaseRouter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Hands leadership to members that an operator named, and tells when they have it. Any thread. */
public final class LeaderTransfers {
  private final Replica replica;
  private final ScheduledExecutorService scheduler;

  /** Who waits for which member to lead. */
  private final ConcurrentHashMap<CompletableFuture<Boolean>, String> waiting =
      new ConcurrentHashMap<>();

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
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    waiting.put(answer, member);
    var unusedAnswer =
        answer.thenAccept(
            isLeading -> {
              waiting.remove(answer);
              done.accept(isLeading);
            });
    var unusedTimeout =
        scheduler.schedule(
            () -> answer.complete(false), LeaseRouter.DEADLINE_NANOS, TimeUnit.NANOSECONDS);
    if (member.equals(replica.leadership().leader())) {
      answer.complete(true);
    } else if (!replica.transferLeadership(member)) {
      answer.complete(false);
    }
  }

  private void leadershipChanged(Replica.Leadership leadership) {
    waiting.forEach(
        (answer, member) -> {
          if (member.equals(leadership.leader())) {
            answer.complete(true);
          }
        });
  }
}
