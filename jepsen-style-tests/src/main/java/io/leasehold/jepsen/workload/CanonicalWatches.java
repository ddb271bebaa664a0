package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.client.WatchPlan;
import io.leasehold.jepsen.client.WatchStream;
import io.leasehold.jepsen.cluster.Waits;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Watches everything on each member for the whole run, and goes on where a watch ended. What one
 * member tells must be what all others tell. One thread of its own.
 */
public final class CanonicalWatches implements AutoCloseable {
  private static final long LOOK_MILLIS = 200;
  private static final long END_MILLIS_MAX = 5000;

  private final Stage stage;
  private final Map<String, WatchStream> streams = new LinkedHashMap<>();
  private final Thread thread = new Thread(this::tend, "canonical-watches");
  private boolean isClosed;

  public CanonicalWatches(Stage stage) {
    this.stage = stage;
    for (String member : stage.members()) {
      streams.put(member, stage.watch(member, WatchPlan.everything()));
    }
    thread.setDaemon(true);
    thread.start();
  }

  private void tend() {
    try {
      while (true) {
        resumeEnded();
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void resumeEnded() {
    if (isClosed) {
      return;
    }
    streams.replaceAll(
        (member, stream) -> {
          if (!stream.ended().isDone()) {
            return stream;
          }
          WatchPlan plan = WatchPlan.everything();
          return stage.watch(
              member, stream.nextRevision() > 0 ? plan.from(stream.nextRevision()) : plan);
        });
  }

  /** Waits until each member told of all up to a revision; returns whether all did. */
  public boolean awaitRevision(long revision, Duration max) {
    return Waits.until(max, () -> haveReached(revision));
  }

  private synchronized boolean haveReached(long revision) {
    return streams.values().stream().allMatch(stream -> stream.nextRevision() > revision);
  }

  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
      streams.values().forEach(WatchStream::close);
    }
    thread.interrupt();
    try {
      thread.join(END_MILLIS_MAX);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
