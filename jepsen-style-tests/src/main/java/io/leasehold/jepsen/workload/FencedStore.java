package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.FencedWrite;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * A store outside of the cluster that refuses tokens smaller than one it has seen. For any number
 * of threads.
 */
final class FencedStore {
  private final LongSupplier nanos;
  private final Map<String, Long> greatest = new HashMap<>();
  private long sequence;

  FencedStore(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Offers a write, and returns what became of it. */
  synchronized FencedWrite offer(String resource, long token) {
    boolean isAccepted = token >= greatest.getOrDefault(resource, 0L);
    if (isAccepted) {
      greatest.put(resource, token);
    }
    return new FencedWrite(resource, ++sequence, token, isAccepted, nanos.getAsLong());
  }
}
