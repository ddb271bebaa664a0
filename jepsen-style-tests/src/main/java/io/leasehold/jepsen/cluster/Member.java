package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One member's process and files. Safe for use by several threads: what changes the process takes
 * its turn, and may take long; what only asks never waits.
 */
final class Member implements ManagedMember {
  private static final Duration EXIT_MAX = Duration.ofSeconds(25);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(10);

  /** JRaft takes the signal with which the JVM stops threads for its Flight Recorder. */
  private static final Map<String, String> ENVIRONMENT = Map.of("_JAVA_SR_SIGNUM", "16");

  private final String name;
  private final List<String> command;
  private final Map<String, String> environment;
  private final Path log;
  private volatile @Nullable Process process;
  private volatile boolean wasPaused;

  /** The process that was told to end; none other may. */
  private volatile long endingPid = -1;

  private volatile TestCluster.UnexpectedEnd listener = (member, exitCode) -> {};

  Member(String name, List<String> command, Map<String, String> environment, Path log) {
    this.name = name;
    this.command = List.copyOf(command);
    this.environment = Map.copyOf(environment);
    this.log = log;
  }

  synchronized void start(List<String> furtherFlags) {
    if (isRunning()) {
      return;
    }
    List<String> all = new ArrayList<>(command);
    all.addAll(furtherFlags);
    ProcessBuilder builder =
        new ProcessBuilder(all)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    Map<String, String> variables = builder.environment();
    // What whoever runs the harness has set for other clusters is none of these members' business.
    variables.keySet().removeIf(key -> key.startsWith("LEASEHOLD_") || key.startsWith("ETCD_"));
    variables.putAll(ENVIRONMENT);
    variables.putAll(environment);
    variables.put(Owner.VARIABLE, Owner.current());
    try {
      Process started = builder.start();
      process = started;
      wasPaused = false;
      CompletableFuture<Void> unused =
          started
              .onExit()
              .thenAccept(
                  ended -> {
                    if (ended.pid() != endingPid) {
                      listener.ended(name, ended.exitValue());
                    }
                  });
    } catch (IOException e) {
      throw new ClusterException("cannot start " + name + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void onUnexpectedEnd(TestCluster.UnexpectedEnd told) {
    listener = told;
  }

  @Override
  public boolean isRunning() {
    Process current = process;
    return current != null && current.isAlive();
  }

  private long pid() {
    Process current = process;
    return current == null ? -1 : current.pid();
  }

  @Override
  public synchronized int stop() {
    Process current = process;
    if (current == null) {
      throw new ClusterException(name + " was never started");
    }
    resume();
    endingPid = current.pid();
    current.destroy();
    if (!awaitExit(current)) {
      kill();
    }
    return current.exitValue();
  }

  @Override
  public synchronized void kill() {
    Process current = process;
    if (current == null || !current.isAlive()) {
      return;
    }
    endingPid = current.pid();
    current.destroyForcibly();
    if (!awaitExit(current)) {
      throw new ClusterException(name + " (process " + current.pid() + ") cannot be killed");
    }
  }

  private static boolean awaitExit(Process process) {
    // To be stopped at the end must work for a thread that was told to end.
    boolean wasInterrupted = Thread.interrupted();
    long deadlineNanos = System.nanoTime() + EXIT_MAX.toNanos();
    try {
      while (true) {
        try {
          return process.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          wasInterrupted = true;
        }
      }
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
      signal("STOP");
      Waits.await(name + " is frozen", PAUSE_MAX, () -> isPaused() || !isRunning());
    }
  }

  @Override
  public synchronized void resume() {
    if (wasPaused && isRunning()) {
      signal("CONT");
    }
    wasPaused = false;
  }

  @Override
  public boolean isPaused() {
    return wasPaused && isRunning() && stateOf(pid()).startsWith("T");
  }

  private static String stateOf(long pid) {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    if (!Files.isDirectory(Path.of("/proc/self"))) {
      return Commands.attempt("", "ps", "-o", "state=", "-p", Long.toString(pid)).output().strip();
    }
    try {
      // The state follows the program's name, which may itself hold spaces and brackets.
      String line = Files.readString(stat);
      return line.substring(line.lastIndexOf(')') + 1).strip();
    } catch (IOException e) {
      return "";
    }
  }

  private void signal(String signal) {
    Commands.run("sh", "-c", "kill -" + signal + " \"$1\"", "sh", Long.toString(pid()));
  }

  String lastLines() {
    return LogEnd.of(log);
  }
}
