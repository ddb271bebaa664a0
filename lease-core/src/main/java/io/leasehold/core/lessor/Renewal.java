package io.leasehold.core.lessor;

/**
 * Answers of {@link Lessor#renew} and {@link Lessor#remainingMillis} other than a duration.
 * Negative, so that the hot path carries one {@code long} and allocates nothing.
 */
public final class Renewal {
  /** No such lease as far as this member has applied; true only behind a read barrier. */
  public static final long NOT_FOUND = -1;

  /** The lease must take the slow path: {@link Lessor#renewSlowly}. */
  public static final long SLOW = -2;

  /** This lessor's term is over. */
  public static final long DEMOTED = -3;

  private Renewal() {}

  /** Receives what became of a renewal on the slow path, once, on any thread; must not block. */
  public interface Callback {
    /** The renewal is committed in this lessor's term: it may be acknowledged as it is. */
    void renewed(long ttlMillis);

    /** The lease has ended, for good. */
    void notFound();

    /**
     * This lessor's term is over, or the log refused: the renewal may be tried again, elsewhere
     * too.
     */
    void failed();
  }
}
