package io.leasehold.raft.jraft;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.LessorConfig;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.FatalErrorHandler;
import io.leasehold.raft.ReplicaObserver;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The lessors of this member, one for each time it leads: promotes them, tells them what was
 * applied, and demotes them. On the apply thread, but for what says otherwise.
 */
final class LessorTerms implements LeaseListener {
  private static final Logger LOG = LoggerFactory.getLogger(LessorTerms.class);

  /** A command that changes nothing: no lease has this ID. */
  private static final Command MARK =
      new Command.Revoke(LeaseIds.of(0), RevokeCause.REQUESTED, Command.NOT_FENCED);

  private static final long MARK_PAUSE_MILLIS = 50;

  private final String memberName;
  private final LessorConfig config;
  private final Supplier<LeaseTable> leases;
  private final CommandLog log;
  private final LeadershipView view;
  private final LeadershipProof proof;
  private final NanoClock clock;
  private final ScheduledExecutorService timer;
  private final ReplicaObserver observer;
  private final FatalErrorHandler fatal;

  /** A term led again after a failed transfer, whose lessor waits; NOT_FENCED for none. */
  private volatile long awaitedTerm = Command.NOT_FENCED;

  private volatile boolean isStopped;

  private long lastLedTerm;
  private @Nullable Lessor lessor;
  private @Nullable LessorDriver driver;
  private @Nullable LessorDriver formerDriver;

  LessorTerms(
      String memberName,
      LessorConfig config,
      Supplier<LeaseTable> leases,
      CommandLog log,
      LeadershipView view,
      LeadershipProof proof,
      NanoClock clock,
      ScheduledExecutorService timer,
      ReplicaObserver observer,
      FatalErrorHandler fatal) {
    this.memberName = memberName;
    this.config = config;
    this.leases = leases;
    this.log = log;
    this.view = view;
    this.proof = proof;
    this.clock = clock;
    this.timer = timer;
    this.observer = observer;
    this.fatal = fatal;
  }

  /**
   * This member leads.
   *
   * @return whether it led this term before, and leads on since a transfer failed
   */
  boolean begin(long term) {
    boolean leadsOn = term == lastLedTerm;
    if (leadsOn) {
      promoteAfterWhatIsUnderWay(term);
    } else {
      lastLedTerm = term;
      promote(term);
    }
    return leadsOn;
  }

  /** This member leads no more; the reason is for the log. */
  void end(String why) {
    awaitedTerm = Command.NOT_FENCED;
    proof.end();
    if (lessor != null && driver != null) {
      lessor.demote();
      driver.stop();
      LOG.info("no longer leading term {}: {}", lessor.term(), why);
      lessor = null;
      formerDriver = driver;
      driver = null;
    }
    view.follows(0, null);
  }

  /** No lessor is promoted any more. Any thread. */
  void stop() {
    isStopped = true;
  }

  boolean isPromoted() {
    return lessor != null;
  }

  /**
   * Puts a command that changes nothing behind what the log has, while this member leads. Any
   * thread.
   */
  void mark() {
    Lessor promoted = view.lessor();
    if (promoted != null) {
      log.propose(MARK, promoted.term(), result -> {});
    }
  }

  /**
   * A transfer of leadership failed and this member leads on in the same term. What its former
   * lessor proposed carries this very term and may still be committed: a revoke by expiry must not
   * come after a renewal that the new lessor acknowledges. So the new one waits for a command that
   * changes nothing and comes after all of that.
   */
  private void promoteAfterWhatIsUnderWay(long term) {
    awaitedTerm = term;
    awaitFormerDriver();
    promoteBehindMark(term);
  }

  /**
   * Waits until the former lessor's thread has ended, which takes it one tick at most: it must not
   * mark a lease, or propose its end, once the next lessor has set the deadlines.
   */
  private void awaitFormerDriver() {
    if (formerDriver != null) {
      formerDriver.awaitEnd();
      formerDriver = null;
    }
  }

  private void promoteBehindMark(long term) {
    log.propose(
        MARK,
        term,
        result -> {
          if (awaitedTerm != term || isStopped) {
            return;
          }
          if (result instanceof ProposalResult.Applied) {
            // On the apply thread, which answers what was applied.
            awaitedTerm = Command.NOT_FENCED;
            promote(term);
          } else {
            ScheduledFuture<?> unused =
                timer.schedule(
                    () -> promoteBehindMark(term), MARK_PAUSE_MILLIS, TimeUnit.MILLISECONDS);
          }
        });
  }

  private void promote(long term) {
    long begunNanos = clock.nanoTime();
    awaitFormerDriver();
    LessorDriver newDriver = new LessorDriver(clock, fatal);
    Lessor promoted =
        new Lessor(term, config, leases.get(), clock, log, observer, newDriver::wakeUp);
    promoted.promote();
    lessor = promoted;
    driver = newDriver;
    newDriver.start(promoted);
    view.leads(term, memberName, promoted);
    proof.begin(term);
    // Readers may have to wait for the first entry of the term, as ReadBarrier does.
    mark();
    long tookNanos = clock.nanoTime() - begunNanos;
    observer.promoted(tookNanos);
    LOG.info(
        "leading term {}: {} leases promoted in {} ms",
        term,
        leases.get().size(),
        tookNanos / 1_000_000);
  }

  @Override
  public void granted(Lease granted) {
    if (lessor != null) {
      lessor.granted(granted);
    }
  }

  @Override
  public void revoked(List<Lease> ended) {
    if (lessor != null) {
      lessor.revoked(ended);
    }
  }

  @Override
  public void checkpointed(List<Lease> changed) {
    if (lessor != null) {
      lessor.checkpointed(changed);
    }
  }
}
