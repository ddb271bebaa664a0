package io.leasehold.core.time;

/** Random numbers as an argument. Any thread may ask. */
@FunctionalInterface
public interface RandomSource {
  /** Returns 64 random bits. */
  long nextLong();
}
