package io.leasehold.jepsen.check;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What was promised for one run.
 *
 * @param rho by how much the rate of a server's clock may differ from the harness's: 0.0005 for 500
 *     parts per million
 * @param latenessNanosMax how late a lease may end while nothing is broken
 * @param latenessNanosMaxByFault the same if it was to end during a fault of this kind; the largest
 *     counts
 * @param quorumLossFaults kinds of faults during which nothing can end; lateness counts from their
 *     end
 * @param observationNanosMax by how much longer a lease may have lived than it was last seen alive,
 *     for its end to count as observed
 * @param leaderChangeNanosMax what one leader change may add to a lease's life besides the outage
 *     itself: checkpoint interval and election timeout
 * @param outageNanosMin a time without any acknowledged operation is an outage from here on
 * @param renewableTtlSecondsMin the smallest TTL for which no renewing client may lose its lease
 * @param minorityFaultsOnly whether at most one member was broken at any time
 * @param watchLagNanosMax after which a watch on a healthy cluster must have told what happened
 * @param recoveryNanosMax after the last fault was healed, until all works again
 * @param belief the rule by which clients of locks took themselves for holders
 * @param stalledShareMax of the run, in which the harness may have been stalled
 * @param minimums what must have happened at least so often for the run to count, by the names of
 *     {@link Counters}
 */
public record RunParameters(
    double rho,
    long latenessNanosMax,
    Map<String, Long> latenessNanosMaxByFault,
    Set<String> quorumLossFaults,
    long observationNanosMax,
    long leaderChangeNanosMax,
    long outageNanosMin,
    long renewableTtlSecondsMin,
    boolean minorityFaultsOnly,
    long watchLagNanosMax,
    long recoveryNanosMax,
    Belief belief,
    double stalledShareMax,
    Map<String, Double> minimums) {
  public RunParameters {
    if (rho < 0 || rho >= 1) {
      throw new IllegalArgumentException("rho " + rho);
    }
    latenessNanosMaxByFault = Map.copyOf(latenessNanosMaxByFault);
    quorumLossFaults = Set.copyOf(quorumLossFaults);
    minimums = Map.copyOf(minimums);
  }

  /** One clock for all, a second of lateness (rule S2), no fault of its own budget, no minimum. */
  public static RunParameters defaults() {
    return new RunParameters(
        0,
        TimeUnit.SECONDS.toNanos(1),
        Map.of(),
        Set.of(),
        TimeUnit.SECONDS.toNanos(1),
        TimeUnit.SECONDS.toNanos(11),
        TimeUnit.MILLISECONDS.toNanos(250),
        5,
        true,
        TimeUnit.SECONDS.toNanos(5),
        TimeUnit.SECONDS.toNanos(10),
        Belief.UNTIL_DEADLINE,
        0.2,
        Map.of());
  }

  /**
   * What was promised, for a machine on which members take longer to start by a factor. Only that
   * is longer which waits for a start: how soon all works again, and how late a lease may end of
   * which all members were down. Those that are up have to be in time on every machine.
   */
  public RunParameters withStartsLongerBy(double factor) {
    long longerNanos = (long) (recoveryNanosMax * (factor - 1));
    Map<String, Long> lateness = new HashMap<>(latenessNanosMaxByFault);
    lateness.replaceAll((kind, nanos) -> includesStart(kind, nanos) ? nanos + longerNanos : nanos);
    return withLatenessNanosMaxByFault(lateness)
        .withRecoveryNanosMax(recoveryNanosMax + longerNanos);
  }

  /** All that were only frozen are allowed less than a start takes. */
  private boolean includesStart(String faultKind, long latenessNanos) {
    return quorumLossFaults.contains(faultKind) && latenessNanos >= recoveryNanosMax;
  }

  /** A TTL's length on a clock that runs as fast as is allowed: no lease may end sooner. */
  long shortestNanos(long ttlSeconds) {
    return (long) Math.floor(ttlSeconds * 1e9 / (1 + rho));
  }

  /** A TTL's length on a clock that runs as slowly as is allowed. */
  long longestNanos(long ttlSeconds) {
    return (long) Math.ceil(ttlSeconds * 1e9 / (1 - rho));
  }

  /** How long a client believes in a TTL by its own clock, as seen from any other's. */
  long believedNanos(long ttlSeconds) {
    return (long) Math.floor(ttlSeconds * 1e9 * (1 - rho) / (1 + rho));
  }

  public RunParameters withRho(double rho) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withLatenessNanosMax(long latenessNanosMax) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withLatenessNanosMaxByFault(Map<String, Long> latenessNanosMaxByFault) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withQuorumLossFaults(Set<String> quorumLossFaults) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withObservationNanosMax(long observationNanosMax) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withLeaderChangeNanosMax(long leaderChangeNanosMax) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withOutageNanosMin(long outageNanosMin) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withRenewableTtlSecondsMin(long renewableTtlSecondsMin) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withMinorityFaultsOnly(boolean minorityFaultsOnly) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withWatchLagNanosMax(long watchLagNanosMax) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withRecoveryNanosMax(long recoveryNanosMax) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withBelief(Belief belief) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withStalledShareMax(double stalledShareMax) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }

  public RunParameters withMinimums(Map<String, Double> minimums) {
    return new RunParameters(
        rho,
        latenessNanosMax,
        latenessNanosMaxByFault,
        quorumLossFaults,
        observationNanosMax,
        leaderChangeNanosMax,
        outageNanosMin,
        renewableTtlSecondsMin,
        minorityFaultsOnly,
        watchLagNanosMax,
        recoveryNanosMax,
        belief,
        stalledShareMax,
        minimums);
  }
}
