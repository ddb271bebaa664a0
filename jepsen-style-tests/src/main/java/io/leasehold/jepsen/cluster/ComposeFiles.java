package io.leasehold.jepsen.cluster;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The compose files of a cluster: the repository's, and beside it what a run wants of it: flags, a
 * loopback address of its own, published metrics, addresses that are known to be free, no restarts
 * that nobody asked for, and marks by which is found what a run leaves behind.
 */
final class ComposeFiles {
  static final String OWNER_LABEL = "io.leasehold.jepsen.owner";
  static final String HOME_LABEL = "io.leasehold.jepsen.home";

  private static final Map<Integer, String> FILES =
      Map.of(3, "docker-compose.yml", 5, "deploy/docker-compose.5.yml");

  /** As those files publish them. */
  private static final List<Integer> CLIENT_PORTS = List.of(2379, 22379, 32379, 42379, 52379);

  /** From the port of clients on. */
  private static final int METRICS_DISTANCE = 2;

  private static final int METRICS_PORT = 2381;
  private static final int ADDRESS_LEAST = 81;
  private static final int ADDRESS_MOST = 99;

  private static final int SUBNETS = 256;

  private final ClusterPlan plan;
  private final String host;
  private final String subnet;

  ComposeFiles(ClusterPlan plan) {
    this.plan = plan;
    this.host = freeHost(plan.size());
    // Of 198.18.0.0/15, which is for such tests: its traffic meets no network that there is.
    this.subnet = "198.18." + ThreadLocalRandom.current().nextInt(SUBNETS) + ".";
  }

  /** Says in one line why there is no file for such a cluster; null when there is. */
  static @Nullable String reasonMissing(ClusterPlan plan) {
    return FILES.containsKey(plan.size())
        ? null
        : "there are compose files for 3 and for 5 members, and none for " + plan.size();
  }

  private static String freeHost(int size) {
    for (int last = ADDRESS_LEAST; last <= ADDRESS_MOST; last++) {
      if (isFree("127.0.0." + last, size)) {
        return "127.0.0." + last;
      }
    }
    // Not every system has the others.
    if (isFree("127.0.0.1", size)) {
      return "127.0.0.1";
    }
    throw new ClusterException(
        "ports " + CLIENT_PORTS.subList(0, size) + " are taken on all loopback addresses tried");
  }

  private static boolean isFree(String host, int size) {
    for (int port : CLIENT_PORTS.subList(0, size)) {
      if (!isFree(new InetSocketAddress(host, port))
          || !isFree(new InetSocketAddress(host, port + METRICS_DISTANCE))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isFree(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  Map<String, ContainerCluster.Places> places() {
    Map<String, ContainerCluster.Places> places = new LinkedHashMap<>();
    for (int i = 0; i < plan.size(); i++) {
      int port = CLIENT_PORTS.get(i);
      places.put(
          name(i),
          new ContainerCluster.Places(
              new Endpoint(host, port), new Endpoint(host, port + METRICS_DISTANCE)));
    }
    return places;
  }

  private static String name(int index) {
    return "n" + (index + 1);
  }

  /** Returns the files, of which each adds to those before it; writes ours. */
  List<Path> write() {
    Path ours = plan.home().resolve("compose.yml");
    try {
      Files.createDirectories(plan.home());
      // What is JSON is YAML as well.
      Files.writeString(ours, new GsonBuilder().setPrettyPrinting().create().toJson(added()));
    } catch (IOException e) {
      throw new ClusterException("cannot write " + ours + ": " + e.getMessage(), e);
    }
    return List.of(base(plan.size()), ours);
  }

  private static Path base(int size) {
    String file = FILES.get(size);
    if (file == null) {
      throw new IllegalArgumentException("no compose file for " + size + " members");
    }
    return Repository.root().resolve(file);
  }

  private Map<String, Object> added() {
    Map<String, String> labels =
        Map.of(OWNER_LABEL, Owner.current(), HOME_LABEL, plan.home().toString());
    Map<String, Object> services = new LinkedHashMap<>();
    Map<String, Object> volumes = new LinkedHashMap<>();
    for (int i = 0; i < plan.size(); i++) {
      int metrics = CLIENT_PORTS.get(i) + METRICS_DISTANCE;
      services.put(
          name(i),
          Map.of(
              "labels",
              labels,
              // Who ends is to be seen, and is started when the run says so.
              "restart",
              "no",
              "environment",
              environment(),
              "ports",
              List.of(host + ":" + metrics + ":" + METRICS_PORT)));
      volumes.put(name(i), Map.of("labels", labels));
    }
    // Of the addresses the engine gives the lower half, and a run the upper one.
    Map<String, String> addresses = Map.of("subnet", subnet + "0/24", "ip_range", subnet + "0/25");
    Map<String, Object> network =
        Map.of("labels", labels, "ipam", Map.of("config", List.of(addresses)));
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("services", services);
    all.put("networks", Map.of("default", network));
    all.put("volumes", volumes);
    return all;
  }

  /** Returns the n-th address that the engine gives nobody. */
  String address(int number) {
    int half = 1 << 7;
    // The last one means everybody.
    return subnet + (half + number % (half - 1));
  }

  private Map<String, String> environment() {
    Map<String, String> variables = new LinkedHashMap<>(plan.environment());
    variables.putAll(variables(plan.flags()));
    // Read by checkers that know lines of text.
    variables.put("LEASEHOLD_LOG_FORMAT", "text");
    return variables;
  }

  /** Returns the variables that say the same as flags do. */
  static Map<String, String> variables(List<String> flags) {
    List<String> words = new ArrayList<>();
    for (String flag : flags) {
      words.addAll(List.of(flag.split("=", 2)));
    }
    Map<String, String> variables = new LinkedHashMap<>();
    for (int i = 0; i < words.size(); i += 2) {
      String name = words.get(i);
      if (!name.startsWith("--") || i + 1 == words.size()) {
        throw new IllegalArgumentException("flags " + flags + ": not all are --name value");
      }
      variables.put(
          "LEASEHOLD_" + name.substring(2).replace('-', '_').toUpperCase(Locale.ROOT),
          words.get(i + 1));
    }
    return variables;
  }

  /** Returns the variables that the files themselves ask for. */
  Map<String, String> asked() {
    return Map.of("LEASEHOLD_BIND", host, "LEASEHOLD_IMAGE", ComposeEngine.IMAGE);
  }
}
