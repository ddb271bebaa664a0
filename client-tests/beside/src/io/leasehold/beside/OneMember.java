package io.leasehold.beside;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A cluster of one, started as a person does: no class of the server's is needed here. */
final class OneMember implements AutoCloseable {
  private static final Path LEASEHOLD =
      Path.of(System.getProperty("leasehold.root", "../../..")).resolve("leasehold");
  private static final int LOWEST_PORT = 12_000;
  private static final int PORTS = 20_000;

  private final Path data;
  private final int port;

  private OneMember(Path data, int port) {
    this.data = data;
    this.port = port;
  }

  static OneMember start(Path data) throws IOException {
    OneMember member = new OneMember(data, freePort());
    member.leasehold(
        "up", "--no-build", "--nodes", "1", "--base-port", Integer.toString(member.port));
    return member;
  }

  String endpoint() {
    return "127.0.0.1:" + port;
  }

  private void leasehold(String command, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(List.of("sh", LEASEHOLD.toString(), command));
    all.addAll(List.of("--data-dir", data.toString()));
    all.addAll(List.of(arguments));
    Path output = Files.createTempFile("leasehold", ".out");
    try {
      // A file: the member inherits it, and would keep a pipe open.
      Process process =
          new ProcessBuilder(all)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(150, TimeUnit.SECONDS) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new AssertionError(all + "\n" + Files.readString(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    } finally {
      Files.delete(output);
    }
  }

  /** Returns the first of three free ports below those that systems lend to clients. */
  private static int freePort() {
    int begin = (int) (ProcessHandle.current().pid() * 7 % PORTS);
    for (int tried = 0; tried < PORTS; tried += 3) {
      int port = LOWEST_PORT + (begin + tried) % PORTS;
      if (isFree(port) && isFree(port + 1) && isFree(port + 2)) {
        return port;
      }
    }
    throw new AssertionError("no free ports");
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws IOException {
    leasehold("down");
  }
}
