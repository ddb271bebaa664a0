package io.leasehold.cluster;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.HashRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One member: its process, its files and a connection to it. Test thread only. */
public final class MemberProcess implements Reachable, AutoCloseable {
  private static final Duration EXIT_MAX = Duration.ofSeconds(25);
  private static final long CALL_SECONDS_MAX = 10;

  private final Server server;
  private final String name;
  private final int clientPort;
  private final Path dataDirectory;
  private final Path log;
  private final String heap;
  private final List<String> arguments;
  private final ManagedChannel channel;
  private @Nullable Process process;

  MemberProcess(
      Server server, String name, int clientPort, Path home, String heap, List<String> arguments) {
    this.server = server;
    this.name = name;
    this.clientPort = clientPort;
    this.dataDirectory = home.resolve(name);
    this.log = home.resolve(name + ".log");
    this.heap = heap;
    this.arguments = new ArrayList<>(arguments);
    this.arguments.addAll(List.of("--name", name, "--data-dir", dataDirectory.toString()));
    this.channel =
        NettyChannelBuilder.forAddress("127.0.0.1", clientPort)
            .usePlaintext()
            .maxInboundMessageSize(1 << 28)
            .build();
  }

  public String name() {
    return name;
  }

  public String endpoint() {
    return "127.0.0.1:" + clientPort;
  }

  public int clientPort() {
    return clientPort;
  }

  /** Returns the process's number; 0 when it does not run. */
  public long pid() {
    return process != null && process.isAlive() ? process.pid() : 0;
  }

  @Override
  public ManagedChannel channel() {
    return channel;
  }

  Path dataDirectory() {
    return dataDirectory;
  }

  /** Starts the process, with further server arguments, and returns at once. */
  public void start(String... further) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of(further));
    try {
      ProcessBuilder builder = new ProcessBuilder(server.command(heap, all));
      builder
          .environment()
          .keySet()
          .removeIf(key -> key.startsWith("LEASEHOLD_") || key.startsWith("ETCD_"));
      process =
          builder
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    channel.resetConnectBackoff();
  }

  @Override
  public boolean isRunning() {
    return process != null && process.isAlive();
  }

  /** As a crash would: no signal handler, no flush. */
  public void kill() {
    running().destroyForcibly();
    awaitExit();
  }

  /** In good order. Returns the exit code. */
  public int stop() {
    running().destroy();
    return awaitExit();
  }

  /** Stops the process where it is; its sockets stay open. */
  public void freeze() {
    signal("STOP");
  }

  /** Lets a frozen process go on. */
  public void thaw() {
    signal("CONT");
  }

  /** Waits until the process has ended and returns its exit code. */
  int awaitExit() {
    try {
      if (!running().waitFor(EXIT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " did not end within " + EXIT_MAX + "\n" + lastLines());
      }
      return running().exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Deletes everything the member has on disk. */
  void wipe() {
    try (Stream<Path> files = Files.walk(dataDirectory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  LeaseGrpc.LeaseBlockingStub leases() {
    return LeaseGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
  }

  KVGrpc.KVBlockingStub keys() {
    return KVGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_SECONDS_MAX, TimeUnit.SECONDS);
  }

  public StatusResponse status() {
    channel.resetConnectBackoff();
    return maintenance().status(StatusRequest.getDefaultInstance());
  }

  private MaintenanceGrpc.MaintenanceBlockingStub maintenance() {
    return MaintenanceGrpc.newBlockingStub(channel).withDeadlineAfter(2, TimeUnit.SECONDS);
  }

  /** The state's hash with the applied index it belongs to. */
  record StateAt(long appliedIndex, int hash) {}

  /** Returns the hash of the state, or null when the index moved meanwhile. */
  @Nullable StateAt stateHash() {
    long before = status().getRaftAppliedIndex();
    int hash = maintenance().hash(HashRequest.getDefaultInstance()).getHash();
    return before == status().getRaftAppliedIndex() ? new StateAt(before, hash) : null;
  }

  public String logText() {
    try {
      return Files.exists(log) ? Files.readString(log) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String lastLines() {
    List<String> lines = logText().lines().toList();
    return name
        + ".log ends:\n  "
        + String.join("\n  ", lines.subList(Math.max(0, lines.size() - 25), lines.size()));
  }

  private void signal(String signal) {
    try {
      int code =
          new ProcessBuilder("sh", "-c", "kill -" + signal + " " + running().pid())
              .inheritIO()
              .start()
              .waitFor();
      if (code != 0) {
        throw new AssertionError("cannot send SIG" + signal + " to " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private Process running() {
    if (process == null) {
      throw new IllegalStateException(name + " was never started");
    }
    return process;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    if (isRunning()) {
      kill();
    }
  }
}
