package io.leasehold.jepsen.cluster;

import org.jspecify.annotations.Nullable;

/** Steps of which each is tried, whatever became of those before it. One thread. */
public final class Cleanup {
  /** A step that may fail. */
  public interface Step {
    void run() throws Exception;
  }

  private @Nullable Throwable first;

  /** Runs a step; what it throws is kept for the end. */
  public void attempt(Step step) {
    try {
      step.run();
    } catch (Exception | Error e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      if (first == null) {
        first = e;
      } else if (!e.equals(first)) {
        first.addSuppressed(e);
      }
    }
  }

  /** Says in one line what failed first; empty when nothing did. */
  public String complaint() {
    return first == null ? "" : first.toString().replace('\n', ' ');
  }

  /** Throws when a step failed, with the first failure as the cause and the others beside it. */
  public void finish(String complaint) {
    if (first != null) {
      throw new ClusterException(complaint + ": " + first.getMessage(), first);
    }
  }
}
