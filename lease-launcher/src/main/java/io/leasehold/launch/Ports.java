package io.leasehold.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Tells whether ports of the loopback address are free, and who holds one that is not. */
final class Ports {
  private static final Path PROC = Path.of("/proc");
  private static final String LISTENING = "0A";
  private static final int FIRST_TRIED = 12_000;
  private static final int TRIED_MAX = 20_000;

  private Ports() {}

  /** Throws when one of the ports is taken; the message names all that are. */
  static void requireFree(List<Integer> ports) throws LaunchException {
    List<String> taken = new ArrayList<>();
    for (int port : ports) {
      if (!isFree(port)) {
        taken.add("port " + port + " is taken" + holder(port));
      }
    }
    if (!taken.isEmpty()) {
      throw new LaunchException(
          String.join(", ", taken)
              + ". Stop what uses it, or choose others with --base-port PORT.");
    }
  }

  /** Returns the first of some free ports in a row, below those that systems lend to clients. */
  static int findFree(int count) throws LaunchException {
    int free = 0;
    int port = FIRST_TRIED + (int) (ProcessHandle.current().pid() % TRIED_MAX);
    for (int tried = 0; tried < TRIED_MAX && free < count; tried++) {
      port = port < FIRST_TRIED + TRIED_MAX ? port + 1 : FIRST_TRIED;
      free = port > FIRST_TRIED && isFree(port) ? free + 1 : 0;
    }
    if (free < count) {
      throw new LaunchException("no " + count + " free ports in a row");
    }
    return port - count + 1;
  }

  private static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      // As the members do: a port in TIME_WAIT counts as free.
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Returns " by pid N (command)" where the system tells, else nothing. */
  private static String holder(int port) {
    List<String> inodes = new ArrayList<>(listeners("tcp", port));
    inodes.addAll(listeners("tcp6", port));
    return inodes.isEmpty()
        ? ""
        : ProcessHandle.allProcesses()
            .filter(process -> holdsAny(process.pid(), inodes))
            .findFirst()
            .map(p -> " by pid " + p.pid() + p.info().command().map(c -> " (" + c + ")").orElse(""))
            .orElse("");
  }

  /** Returns the sockets that listen on a port, as their descriptors are named. */
  private static List<String> listeners(String table, int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    try (Stream<String> lines = Files.lines(PROC.resolve("net").resolve(table))) {
      return lines
          .map(line -> line.strip().split("\\s+"))
          .filter(f -> f.length > 9 && f[1].endsWith(suffix) && f[3].equals(LISTENING))
          .map(f -> "socket:[" + f[9] + "]")
          .toList();
    } catch (IOException | RuntimeException e) {
      // No such table on this system: nobody can be named.
      return List.of();
    }
  }

  private static boolean holdsAny(long pid, List<String> inodes) {
    Path descriptors = PROC.resolve(Long.toString(pid)).resolve("fd");
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
      for (Path entry : entries) {
        if (inodes.contains(Files.readSymbolicLink(entry).toString())) {
          return true;
        }
      }
    } catch (IOException | RuntimeException e) {
      // Another user's process, or one that ended meanwhile.
      return false;
    }
    return false;
  }
}
