package io.leasehold.core.time;

/** Where random numbers come from. Any thread may draw. */
@FunctionalInterface
public interface RandomSource {
  /** Returns the next number; all 64 bits are random. */
  long nextLong();
}
