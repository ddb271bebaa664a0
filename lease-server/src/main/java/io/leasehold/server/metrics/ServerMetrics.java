package io.leasehold.server.metrics;

import io.leasehold.core.log.ProposalResult;
import io.leasehold.raft.ReplicaObserver;
import io.leasehold.server.forward.ForwardObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * What is counted and timed while requests are served. No metric carries a lease ID.
 *
 * <p>Any thread. The counters of renewals are plain adders, since renewals come by the hundred
 * thousand in a second.
 */
public final class ServerMetrics implements ReplicaObserver, ForwardObserver {
  /** Bounds of what is asked of expiry: half a second usually, some seconds with 100 000 due. */
  private static final Duration[] LAG_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  static final Duration[] ANSWER_BUCKETS = {
    Duration.ofNanos(10_000),
    Duration.ofNanos(100_000),
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(7)
  };

  private static final double[] BATCH_BUCKETS = {1, 2, 4, 8, 16, 64, 256, 1024, 4096};

  private final LongAdder renewedNow = new LongAdder();
  private final LongAdder renewedLater = new LongAdder();
  private final Counter renewalsNotFound;
  private final Counter renewalsFailed;
  private final Timer renewalAnswers;
  private final Counter granted;
  private final Counter grantsRefused;
  private final Counter revokesRequested;
  private final Counter revokesExpired;
  private final Timer expiryLag;
  private final Counter checkpoints;
  private final Timer checkpointLag;
  private final Timer applies;
  private final Timer promotions;
  private final DistributionSummary batchesSent;
  private final DistributionSummary batchesReceived;
  private final DistributionSummary clientBatches;
  private final LongAdder stalledNanos = new LongAdder();
  private final Counter fencedOff;
  private final Counter proposalsApplied;
  private final Counter proposalsRejected;
  private final Counter proposalsUnknown;

  public ServerMetrics(MeterRegistry registry) {
    String renewals = "leasehold.renewals";
    String renewalsHelp = "Renewals answered by this member, by how.";
    FunctionCounter.builder(renewals, renewedNow, LongAdder::sum)
        .tag("result", "renewed")
        .tag("path", "memory")
        .description(renewalsHelp)
        .register(registry);
    FunctionCounter.builder(renewals, renewedLater, LongAdder::sum)
        .tag("result", "renewed")
        .tag("path", "waited")
        .description(renewalsHelp)
        .register(registry);
    this.renewalsNotFound =
        Counter.builder(renewals)
            .tag("result", "not_found")
            .tag("path", "waited")
            .description(renewalsHelp)
            .register(registry);
    this.renewalsFailed =
        Counter.builder(renewals)
            .tag("result", "failed")
            .tag("path", "waited")
            .description(renewalsHelp)
            .register(registry);
    this.renewalAnswers =
        Timer.builder("leasehold.renewal.duration")
            .description(
                "Time from a renewal's arrival to its answer; of those served from memory one in"
                    + " 64 is measured.")
            .serviceLevelObjectives(ANSWER_BUCKETS)
            .register(registry);
    this.granted = counter(registry, "leasehold.grants", "result", "granted", "Grants answered.");
    this.grantsRefused =
        counter(registry, "leasehold.grants", "result", "refused", "Grants answered.");
    String revokesHelp = "Leases ended: on request through this member, or by expiry decided here.";
    this.revokesRequested =
        counter(registry, "leasehold.revokes", "reason", "requested", revokesHelp);
    this.revokesExpired = counter(registry, "leasehold.revokes", "reason", "expired", revokesHelp);
    this.expiryLag =
        Timer.builder("leasehold.expiry.lag")
            .description("How long after its deadline a lease was gone.")
            .serviceLevelObjectives(LAG_BUCKETS)
            .register(registry);
    this.checkpoints =
        Counter.builder("leasehold.checkpoints")
            .description("Remaining times recorded.")
            .register(registry);
    this.checkpointLag =
        Timer.builder("leasehold.checkpoint.lag")
            .description("How long after it was due a remaining time was recorded, at most.")
            .serviceLevelObjectives(LAG_BUCKETS)
            .register(registry);
    this.applies =
        Timer.builder("leasehold.raft.apply.duration")
            .description("How long the apply thread took for entries that it applied together.")
            .serviceLevelObjectives(ANSWER_BUCKETS)
            .register(registry);
    this.promotions =
        Timer.builder("leasehold.promotion.duration")
            .description("How long this member took to set all deadlines when it began to lead.")
            .register(registry);
    this.batchesSent = batchSummary(registry, "sent");
    this.batchesReceived = batchSummary(registry, "received");
    this.clientBatches =
        DistributionSummary.builder("leasehold.renewal.batch.size")
            .description("Leases in a message by which a client renews many at once.")
            .serviceLevelObjectives(BATCH_BUCKETS)
            .register(registry);
    FunctionCounter.builder(
            "leasehold.stall",
            stalledNanos,
            nanos -> nanos.sum() / (double) Duration.ofSeconds(1).toNanos())
        .baseUnit("seconds")
        .description("Time this member did not run while leading; every lease got it on top.")
        .register(registry);
    this.fencedOff =
        Counter.builder("leasehold.fenced.off")
            .description("Leases a deposed leader tried to end and could not.")
            .register(registry);
    String proposals = "leasehold.proposals";
    String proposalsHelp =
        "Grants, revokes and commands on keys proposed here as the leader, by what became of"
            + " them.";
    this.proposalsApplied = counter(registry, proposals, "result", "applied", proposalsHelp);
    this.proposalsRejected = counter(registry, proposals, "result", "rejected", proposalsHelp);
    this.proposalsUnknown = counter(registry, proposals, "result", "unknown", proposalsHelp);
  }

  private static Counter counter(
      MeterRegistry registry, String name, String tag, String value, String help) {
    return Counter.builder(name).tag(tag, value).description(help).register(registry);
  }

  private static DistributionSummary batchSummary(MeterRegistry registry, String direction) {
    return DistributionSummary.builder("leasehold.forward.batch.size")
        .tag("direction", direction)
        .description("Requests in a message between a follower and the leader.")
        .serviceLevelObjectives(BATCH_BUCKETS)
        .register(registry);
  }

  public void renewedLater() {
    renewedLater.increment();
  }

  /** Counts a message of a client that renews so many leases. */
  public void clientBatch(int leases) {
    clientBatches.record(leases);
  }

  /** Counts renewals that were answered from memory. */
  public void renewedNow(int leases) {
    renewedNow.add(leases);
  }

  /** Counts renewals of a batch that waited. */
  public void batchAnswered(int renewed, int notFound, int undecided) {
    renewedLater.add(renewed);
    renewalsNotFound.increment(notFound);
    renewalsFailed.increment(undecided);
  }

  public void renewalNotFound() {
    renewalsNotFound.increment();
  }

  public void renewalFailed() {
    renewalsFailed.increment();
  }

  public void renewalAnswered(long nanos) {
    renewalAnswers.record(nanos, TimeUnit.NANOSECONDS);
  }

  public void granted() {
    granted.increment();
  }

  public void grantRefused() {
    grantsRefused.increment();
  }

  public void revokeAnswered() {
    revokesRequested.increment();
  }

  /** Counts what became of a proposal. */
  public void proposed(ProposalResult result) {
    if (result instanceof ProposalResult.Applied) {
      proposalsApplied.increment();
    } else if (result instanceof ProposalResult.Rejected) {
      proposalsRejected.increment();
    } else {
      proposalsUnknown.increment();
    }
  }

  @Override
  public void expired(long latenessNanos) {
    revokesExpired.increment();
    expiryLag.record(Math.max(0, latenessNanos), TimeUnit.NANOSECONDS);
  }

  @Override
  public void checkpointed(int count, long latenessNanos) {
    checkpoints.increment(count);
    checkpointLag.record(Math.max(0, latenessNanos), TimeUnit.NANOSECONDS);
  }

  @Override
  public void stalled(long nanos) {
    stalledNanos.add(nanos);
  }

  @Override
  public void fencedOff(int count) {
    fencedOff.increment(count);
  }

  @Override
  public void applied(long nanos) {
    applies.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void promoted(long nanos) {
    promotions.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void batchSent(int requests) {
    batchesSent.record(requests);
  }

  @Override
  public void batchReceived(int requests) {
    batchesReceived.record(requests);
  }
}
