package io.leasehold.client;

import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A place in line that is being given up: asked for again and again until that is certain, or the
 * lease has ended, and its key with it. Any thread.
 */
final class Withdrawal {
  private static final Logger LOG = LoggerFactory.getLogger(Withdrawal.class);
  private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

  private final Foundation core;
  private final KeptLease lease;
  private final Supplier<CompletableFuture<TxnResult>> leave;
  private final CompletableFuture<Void> done = new CompletableFuture<>();
  private final CompletableFuture<Void> tried = new CompletableFuture<>();

  private Withdrawal(
      Foundation core, KeptLease lease, Supplier<CompletableFuture<TxnResult>> leave) {
    this.core = core;
    this.lease = lease;
    this.leave = leave;
  }

  /**
   * Begins.
   *
   * @param leave asks the cluster once; what it returns may end on any thread
   */
  static Withdrawal start(
      Session session, KeptLease lease, Supplier<CompletableFuture<TxnResult>> leave) {
    Withdrawal withdrawal = new Withdrawal(session.core(), lease, leave);
    CompletableFuture<LossReason> lost = session.whenLost(lease);
    // What was lost needs no answer, and a silent cluster gives none.
    var unused = lost.thenRun(withdrawal::end);
    var unusedEnd = withdrawal.done.whenComplete((end, failure) -> lost.cancel(false));
    withdrawal.attempt();
    return withdrawal;
  }

  private void attempt() {
    if (lease.state() == LeaseState.LOST) {
      // The key ends with the lease, and the session never uses it again.
      end();
      return;
    }
    var unused =
        leave
            .get()
            .whenComplete(
                (result, failure) -> {
                  if (failure == null) {
                    end();
                    return;
                  }
                  LOG.debug("a place in line cannot be given up yet", failure);
                  if (!done.isDone()) {
                    var unusedRetry =
                        core.owner()
                            .executeAt(core.clock().nanoTime() + RETRY_NANOS, this::attempt);
                  }
                  boolean unusedTried = tried.complete(null);
                });
  }

  private void end() {
    boolean unused = done.complete(null);
    boolean unusedTried = tried.complete(null);
  }

  /** Waits for the first attempt alone, and no longer than the lease lives. */
  Withdrawal awaitFirst() {
    Void unused = tried.join();
    return this;
  }

  /** Completes when the place certainly is given up; at the latest when the lease is lost. */
  CompletableFuture<Void> done() {
    return done;
  }
}
