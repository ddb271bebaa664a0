package io.leasehold.server.admin;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.raft.Replica;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What can be wrong with a member, check by check. Blocks for up to two seconds. */
public final class HealthChecks {
  /** Who asks for health gives up after a few seconds, and should get the answer before. */
  private static final long BARRIER_SECONDS = 2;

  private final Replica replica;
  private final LeaseRouter router;
  private final BooleanSupplier isStopping;

  /**
   * @param isStopping whether the member is going away
   */
  public HealthChecks(Replica replica, LeaseRouter router, BooleanSupplier isStopping) {
    this.replica = replica;
    this.router = router;
    this.isStopping = isStopping;
  }

  /**
   * One check.
   *
   * @param problem what is wrong, or null
   */
  public record Check(String name, @Nullable String problem) {
    boolean isPassed() {
      return problem == null;
    }
  }

  /** Returns whether the process is to be left alone. */
  List<Check> live() {
    return List.of(new Check("process", null));
  }

  /** Returns whether clients should be sent here. */
  List<Check> ready() {
    List<Check> checks = new ArrayList<>(live());
    checks.add(new Check("serving", isStopping.getAsBoolean() ? "the member is stopping" : null));
    boolean hasLeader = replica.leadership().leader() != null;
    checks.add(new Check("leader", hasLeader ? null : "no leader is known"));
    checks.add(new Check("linearizable_read", hasLeader ? readProblem() : "no leader is known"));
    return checks;
  }

  /**
   * Returns what etcd calls health: what clients need, and no alarm. A member under an alarm still
   * renews leases, so that clients are better not sent away.
   */
  List<Check> healthy() {
    List<Check> checks = new ArrayList<>(ready());
    for (AlarmRecord alarm : replica.alarms()) {
      // Probes know etcd's words.
      String name = alarm.alarm() == Alarm.NO_SPACE ? "ALARM NOSPACE" : "ALARM CORRUPT";
      checks.add(new Check(name, "raised by member " + Long.toUnsignedString(alarm.memberId())));
    }
    return checks;
  }

  private @Nullable String readProblem() {
    CompletableFuture<@Nullable String> answer = new CompletableFuture<>();
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            answer.complete(null);
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.complete("no read barrier: " + failure);
          }
        });
    try {
      return answer.get(BARRIER_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return "no read barrier within " + BARRIER_SECONDS + " s";
    } catch (ExecutionException e) {
      return String.valueOf(e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }
}
