package io.leasehold.jepsen.cluster;

/** The wall clock of one member, as the member reads it. */
public interface WallClock {
  /** Sets the clock so many seconds off the true time, at once; 0 sets it right. */
  void move(long seconds);

  /** How often the member has read a clock that was off. */
  long readsMoved();
}
