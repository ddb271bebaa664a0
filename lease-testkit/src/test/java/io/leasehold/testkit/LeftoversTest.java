package io.leasehold.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LeftoversTest {
  /**
   * Threads that JRaft and the JDK keep for the JVM, whoever uses them next. JRaft has at most 16
   * of the first and starts them as they are needed; the others end when idle.
   */
  private static final Set<String> OF_THE_JVM =
      Set.of(
          "Append-Entries-Thread-Send",
          "JRaft-Group-Default-Executor",
          "JRaft-Rpc-Closure-Executor",
          "process reaper",
          "Common-Cleaner");

  private final Changes changes = new Changes(System::nanoTime, Duration.ofSeconds(20));

  @Test
  void closeLeavesNoThreadBehind() {
    Map<String, Long> before = threads();
    openAndClose(1);
    openAndClose(3);
    Map<String, Long> left =
        changes.await(
            () -> {
              Map<String, Long> now = threads();
              return now.keySet().stream().allMatch(name -> now.get(name) <= allowed(before, name))
                  ? now
                  : null;
            },
            () -> "the threads from before, " + before + ", and no others: " + threads());
    assertThat(left).doesNotContainKey("leasehold-wires").containsKey("main");
  }

  private static long allowed(Map<String, Long> before, String name) {
    return OF_THE_JVM.contains(name) ? Long.MAX_VALUE : before.getOrDefault(name, 0L);
  }

  @Test
  void closeFreesThePortsAndDeletesTheData() throws IOException {
    List<Path> before = dataDirectories();
    LeaseholdCluster cluster = LeaseholdCluster.of(3).open();
    List<String> endpoints = cluster.endpoints();
    List<Path> directories =
        dataDirectories().stream().filter(directory -> !before.contains(directory)).toList();
    assertThat(directories).isNotEmpty();
    cluster.close();
    assertThat(dataDirectories()).doesNotContainAnyElementsOf(directories);
    for (String endpoint : endpoints) {
      assertThatCode(() -> bind(URI.create("http://" + endpoint).getPort()))
          .as(endpoint)
          .doesNotThrowAnyException();
    }
  }

  private static List<Path> dataDirectories() throws IOException {
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return all.filter(path -> path.getFileName().toString().startsWith("leasehold-testkit-"))
          .toList();
    }
  }

  private static void bind(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }
  }

  private static void openAndClose(int members) {
    LeaseholdCluster cluster = LeaseholdCluster.of(members).open();
    assertThat(cluster.leader().number()).isBetween(1, members);
    cluster.close();
  }

  /** Returns how many threads there are of each name, numbers left out. */
  private static Map<String, Long> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(Thread::isAlive)
        .map(thread -> thread.getName().replaceAll("[-0-9]+$", ""))
        .collect(Collectors.groupingBy(Function.identity(), TreeMap::new, Collectors.counting()));
  }
}
