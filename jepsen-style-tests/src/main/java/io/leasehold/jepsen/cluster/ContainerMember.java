package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One member in its container. Safe for use by several threads: what changes the container takes
 * its turn, and may take long; what only asks never waits for that.
 */
final class ContainerMember implements ManagedMember {
  /** As the compose file allows: longer than a member takes for handing its leadership over. */
  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  private static final Duration EXIT_MAX = Duration.ofSeconds(25);

  private static final int FREEZES_MAX = 5;

  private final String name;
  private final Engine engine;
  private final Path log;
  private volatile @Nullable Life life;
  private volatile boolean wasPaused;

  /** Whether its container was made to take the place of one whose data is gone. */
  private boolean replacesLost;

  private boolean isMade;

  /** How much of the log is from containers that are no more. */
  private long earlierBytes;

  private volatile TestCluster.UnexpectedEnd listener = (member, exitCode) -> {};

  ContainerMember(String name, Engine engine, Path log) {
    this.name = name;
    this.engine = engine;
    this.log = log;
  }

  /** From a start of the container to its end. */
  private static final class Life {
    final CompletableFuture<Integer> end;
    volatile boolean isToEnd;

    Life(CompletableFuture<Integer> end) {
      this.end = end;
    }
  }

  @Override
  public void onUnexpectedEnd(TestCluster.UnexpectedEnd told) {
    listener = told;
  }

  /** The engine has made the container, and has started it. */
  synchronized void wasMade() {
    isMade = true;
    begin();
  }

  synchronized void start(boolean asReplacement) {
    if (isRunning()) {
      return;
    }
    if (isMade && replacesLost == asReplacement) {
      engine.start(name);
    } else {
      // With its container goes what it wrote.
      keepLog();
      earlierBytes = size(log);
      engine.makeAnew(name, asReplacement);
      isMade = true;
      replacesLost = asReplacement;
    }
    begin();
  }

  private void begin() {
    wasPaused = false;
    Life begun = new Life(engine.end(name));
    life = begun;
    CompletableFuture<Void> unused =
        begun.end.thenAccept(
            exitCode -> {
              if (!begun.isToEnd) {
                listener.ended(name, exitCode);
              }
            });
  }

  @Override
  public boolean isRunning() {
    Life current = life;
    return current != null && !current.end.isDone();
  }

  @Override
  public synchronized int stop() {
    Life current = life;
    if (current == null) {
      throw new ClusterException(name + " was never started");
    }
    if (isRunning()) {
      resume();
      current.isToEnd = true;
      engine.stop(name, STOP_MAX);
    }
    return exitCode(current);
  }

  @Override
  public synchronized void kill() {
    Life current = life;
    if (current == null || !isRunning()) {
      return;
    }
    current.isToEnd = true;
    engine.kill(name);
    wasPaused = false;
    exitCode(current);
  }

  private int exitCode(Life ended) {
    // To be stopped at the end must work for a thread that was told to end.
    boolean wasInterrupted = Thread.interrupted();
    long deadlineNanos = System.nanoTime() + EXIT_MAX.toNanos();
    try {
      while (true) {
        try {
          return ended.end.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
    } catch (TimeoutException e) {
      throw new ClusterException(
          name + ": its container still runs " + EXIT_MAX.toSeconds() + " s after its end", e);
    } catch (ExecutionException e) {
      throw new ClusterException(name + ": the engine does not say how it ended", e);
    } finally {
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public synchronized void pause() {
    if (isRunning()) {
      wasPaused = true;
      freeze();
    }
  }

  /** The engine gives up when a container's threads are too busy to be frozen at that moment. */
  private void freeze() {
    for (int left = FREEZES_MAX - 1; ; left--) {
      try {
        engine.pause(name);
        return;
      } catch (ClusterException e) {
        if (left == 0 || !isRunning()) {
          throw e;
        }
      }
    }
  }

  @Override
  public synchronized void resume() {
    if (wasPaused && isRunning() && engine.isPaused(name)) {
      engine.unpause(name);
    }
    wasPaused = false;
  }

  @Override
  public boolean isPaused() {
    return wasPaused && isRunning() && engine.isPaused(name);
  }

  /** Removes what it has on disk, with its container. */
  synchronized void wipe() {
    if (isRunning()) {
      throw new ClusterException(name + " runs: stop it before its data is deleted");
    }
    if (isMade) {
      keepLog();
      earlierBytes = size(log);
      engine.remove(name);
      isMade = false;
    }
  }

  /** Writes down what it has written so far. */
  synchronized void keepLog() {
    if (!isMade) {
      return;
    }
    byte[] written = engine.written(name);
    try {
      byte[] earlier = new byte[0];
      if (Files.exists(log)) {
        try (var in = Files.newInputStream(log)) {
          earlier = in.readNBytes((int) earlierBytes);
        }
      }
      Files.write(log, earlier);
      Files.write(log, written, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new ClusterException("cannot write " + log + ": " + e.getMessage(), e);
    }
  }

  private static long size(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException e) {
      throw new ClusterException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
