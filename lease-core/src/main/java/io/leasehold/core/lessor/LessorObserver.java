package io.leasehold.core.lessor;

/** Hears of what a lessor does, for metrics. Called from any thread; must not block. */
public interface LessorObserver {
  /** A lease was ended by expiry, {@code latenessNanos} after its deadline. */
  void expired(long latenessNanos);

  /**
   * Remaining times of {@code count} leases were recorded, at most {@code latenessNanos} after they
   * were due.
   */
  void checkpointed(int count, long latenessNanos);

  /** The lessor found that it had not run for {@code nanos} longer than planned. */
  void stalled(long nanos);

  /** A revoke by expiry was refused because another term had begun. */
  void fencedOff(int count);

  /** Hears nothing. */
  LessorObserver NONE =
      new LessorObserver() {
        @Override
        public void expired(long latenessNanos) {}

        @Override
        public void checkpointed(int count, long latenessNanos) {}

        @Override
        public void stalled(long nanos) {}

        @Override
        public void fencedOff(int count) {}
      };
}
