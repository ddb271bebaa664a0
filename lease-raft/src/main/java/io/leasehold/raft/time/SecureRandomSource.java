package io.leasehold.raft.time;

import io.leasehold.core.time.RandomSource;
import java.security.SecureRandom;

/** Random numbers that nobody can guess: the one place that makes them. Any thread may draw. */
public final class SecureRandomSource implements RandomSource {
  private final SecureRandom random = new SecureRandom();

  @Override
  public long nextLong() {
    return random.nextLong();
  }
}
