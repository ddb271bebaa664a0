package io.leasehold.core.lessor;

/**
 * Settings of a lessor.
 *
 * @param electionTimeoutNanos every deadline is put off by this much at promotion: a renewal may
 *     have been acknowledged up to the moment the former leader fell silent
 * @param checkpointIntervalNanos a lease not renewed for this long has its remaining time recorded;
 *     so often is lease time, while there are such leases
 * @param revokeBatchMax leases in one revoke command
 * @param revokesInFlightMax revoke commands by expiry under way at once; what bounds how much of
 *     the log expiry may take
 * @param revokeRatePerSecond leases ended by expiry in a second; 0 means no limit
 * @param checkpointBatchMax leases in one checkpoint command
 * @param checkpointsInFlightMax checkpoint commands under way at once
 * @param tickMaxNanos the owner thread calls {@link Lessor#tick} at least this often
 * @param stallThresholdNanos a tick that comes later than planned by more than this counts as a
 *     stall (rule S8)
 */
public record LessorConfig(
    long electionTimeoutNanos,
    long checkpointIntervalNanos,
    int revokeBatchMax,
    int revokesInFlightMax,
    long revokeRatePerSecond,
    int checkpointBatchMax,
    int checkpointsInFlightMax,
    long tickMaxNanos,
    long stallThresholdNanos) {

  /**
   * Returns the defaults for the given election timeout and checkpoint interval, in nanoseconds.
   */
  public static LessorConfig of(long electionTimeoutNanos, long checkpointIntervalNanos) {
    return new LessorConfig(
        electionTimeoutNanos,
        checkpointIntervalNanos,
        // A command of 1 000 IDs is 8 KiB in the log and about a millisecond to apply: far below a
        // heartbeat.
        1000,
        // Two under way keep the log busy while one is being fsynced; more only queue up before
        // renewals' clears.
        4,
        0,
        1000,
        4,
        electionTimeoutNanos / 10,
        electionTimeoutNanos / 4);
  }

  /** Returns the same settings with another limit on the rate of expiry; 0 means none. */
  public LessorConfig withRevokeRate(long perSecond) {
    return new LessorConfig(
        electionTimeoutNanos,
        checkpointIntervalNanos,
        revokeBatchMax,
        revokesInFlightMax,
        perSecond,
        checkpointBatchMax,
        checkpointsInFlightMax,
        tickMaxNanos,
        stallThresholdNanos);
  }
}
