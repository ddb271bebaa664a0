package io.leasehold.client.internal.time;

/** Where random numbers come from. Any thread may draw. */
@FunctionalInterface
public interface RandomSource {
  /** Returns a number from 0, inclusive, to 1, exclusive. */
  double nextShare();
}
