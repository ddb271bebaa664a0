package io.leasehold.client.internal.time;

import java.util.concurrent.ThreadLocalRandom;

/** Numbers to spread load by, nothing that has to be secret: the one place that makes them. */
public final class SystemRandomSource implements RandomSource {
  @Override
  public double nextShare() {
    return ThreadLocalRandom.current().nextDouble();
  }
}
