package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A network namespace for each member on one bridge, and one table of the packet filter with the
 * set of directions that are cut. Clients come from the bridge's own address, which no cut
 * concerns: the filter sits where frames pass from member to member.
 *
 * <p>Addresses come from the range that is set aside for benchmarks, so that nothing of this can
 * reach a network of anybody's. All that is made carries the number of the run's process in its
 * name; what runs that are over left behind is removed before something new is made.
 *
 * <p>Loss is the filter's; slow links are queues of the kernel, into which the filter puts what
 * goes between members; delays are made by a program of ours, since few kernels have a queue for
 * them.
 */
final class NetnsNetwork implements Network {
  private static final int CLIENT_PORT = 2379;
  private static final int PEER_PORT = 2380;
  private static final int METRICS_PORT = 2381;
  private static final int FIRST_HOST = 10;
  private static final int NETWORKS = 512;
  private static final int TRIES_MAX = 50;
  private static final String INNER = "eth0";

  /** What the filter puts into this lane of a link passes slowly. */
  private static final String LANE = "1:20";

  /** More than these are dropped, as by any router: a few seconds at the slowest. */
  private static final String LANE_PACKETS = "100";

  /** Short, since an interface's name has at most 15 characters: the process, and which cluster. */
  private static final Pattern TAG = Pattern.compile("\\blj(\\d+)[a-z]");

  private static final AtomicInteger MADE = new AtomicInteger();

  private final String tag;
  private final int size;
  private final String prefix;
  private final Set<String> shaped = new TreeSet<>();
  private final List<Wire> wires = new ArrayList<>();
  private boolean isLetThroughDocker;

  private NetnsNetwork(String tag, int size, String prefix) {
    this.tag = tag;
    this.size = size;
    this.prefix = prefix;
  }

  /** Says in one line why this cannot be done here; null when it can. */
  static @Nullable String reasonMissing() {
    if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux")) {
      return "network namespaces need Linux";
    }
    if (!Commands.works("sh", "-c", "[ \"$(id -u)\" = 0 ]")) {
      return "network namespaces need root";
    }
    if (!Commands.works("ip", "netns", "list")) {
      return "ip netns does not work (Debian package iproute2)";
    }
    if (!Commands.works("nft", "list", "tables")) {
      return "nft does not work (Debian package nftables)";
    }
    return null;
  }

  static NetnsNetwork create(ClusterPlan plan) {
    sweep();
    String tag = "lj" + Owner.currentPid() + (char) ('a' + MADE.getAndIncrement() % 26);
    NetnsNetwork network = new NetnsNetwork(tag, plan.size(), freePrefix());
    try {
      network.build(plan);
      return network;
    } catch (RuntimeException | Error e) {
      network.close();
      throw e;
    }
  }

  private static String freePrefix() {
    String inUse = Commands.run("ip", "-4", "-o", "address");
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      int chosen = ThreadLocalRandom.current().nextInt(NETWORKS);
      String prefix = "198." + (18 + chosen / 256) + "." + chosen % 256 + ".";
      if (!inUse.contains(" " + prefix)) {
        return prefix;
      }
    }
    throw new ClusterException("no free network in 198.18.0.0/15");
  }

  private void build(ClusterPlan plan) {
    Path wire = plan.tampering().wires() ? makeWire(plan.home()) : null;
    Commands.run("ip", "link", "add", "name", tag, "type", "bridge", "forward_delay", "0");
    Commands.run("ip", "address", "add", prefix + "1/24", "dev", tag);
    Commands.run("ip", "link", "set", tag, "up");
    for (int i = 0; i < size; i++) {
      String namespace = namespace(i);
      String outer = tag + "v" + i;
      Commands.run("ip", "netns", "add", namespace);
      if (wire == null) {
        Commands.run(
            "ip", "link", "add", outer, "type", "veth", "peer", "name", INNER, "netns", namespace);
      } else {
        wires.add(Wire.between(wire, namespace, INNER, outer, plan.home(), prefix + "1"));
      }
      Commands.run("ip", "link", "set", outer, "master", tag, "up");
      Commands.run("ip", "-n", namespace, "address", "add", address(i) + "/24", "dev", INNER);
      Commands.run("ip", "-n", namespace, "link", "set", "lo", "up");
      Commands.run("ip", "-n", namespace, "link", "set", INNER, "up");
    }
    filter(
        """
        table bridge %s {
          set cut { type ipv4_addr . ipv4_addr; }
          counter held { }
          counter lost { }
          counter slowed { }
          chain losing { }
          chain slowing { }
          chain between {
            type filter hook forward priority 0; policy accept;
            ip saddr . ip daddr @cut counter name "held" drop
            jump losing
            jump slowing
          }
        }
        """
            .formatted(tag));
    letThroughDocker();
  }

  /** Docker has bridged frames pass its own filter, which drops what it does not know. */
  private void letThroughDocker() {
    if (Commands.works("iptables", "-n", "-L", "DOCKER-USER")) {
      Commands.run("iptables", "-I", "DOCKER-USER", "-i", tag, "-o", tag, "-j", "ACCEPT");
      isLetThroughDocker = true;
    }
  }

  private static void filter(String script) {
    Commands.Ended ended = Commands.attempt(script, "nft", "-f", "-");
    if (ended.exitCode() != 0) {
      throw new ClusterException("nft: " + ended.output() + "\n" + script);
    }
  }

  private String namespace(int member) {
    return tag + "n" + (member + 1);
  }

  private String address(int member) {
    return prefix + (FIRST_HOST + member + 1);
  }

  @Override
  public Places places(int member) {
    String host = address(member);
    return new Places(
        new Endpoint(host, CLIENT_PORT),
        new Endpoint(host, PEER_PORT),
        new Endpoint(host, METRICS_PORT));
  }

  @Override
  public List<String> commandPrefix(int member) {
    // Becomes the program it is given: the process has the number of the member.
    return List.of("ip", "netns", "exec", namespace(member));
  }

  @Override
  public boolean canCut() {
    return true;
  }

  @Override
  public void cut(Set<DirectedPair> pairs) {
    String script = "flush set bridge " + tag + " cut\n";
    if (!pairs.isEmpty()) {
      String elements =
          pairs.stream()
              .map(pair -> address(index(pair.from())) + " . " + address(index(pair.to())))
              .sorted()
              .collect(Collectors.joining(", "));
      script += "add element bridge " + tag + " cut { " + elements + " }\n";
    }
    // One script is one transaction: no moment has half of it.
    filter(script);
  }

  @Override
  public boolean canDegrade() {
    return true;
  }

  @Override
  public boolean canDelay() {
    return !wires.isEmpty();
  }

  @Override
  public void degrade(Set<String> members, Link link) {
    String pairs = pairsWith(members);
    String table = "bridge " + tag;
    String script = "flush chain " + table + " losing\nflush chain " + table + " slowing\n";
    String between = "ip saddr . ip daddr { " + pairs + " }";
    if (link.lossPercent() > 0 && !pairs.isEmpty()) {
      script +=
          "add rule %s losing %s numgen random mod 100 < %d counter name \"lost\" drop%n"
              .formatted(table, between, link.lossPercent());
    }
    if (link.kilobitsPerSecond() > 0 && !pairs.isEmpty()) {
      shape(link.kilobitsPerSecond());
      script +=
          "add rule %s slowing %s counter name \"slowed\" meta priority set %s%n"
              .formatted(table, between, LANE);
    }
    filter(script);
    for (int i = 0; i < wires.size(); i++) {
      boolean isMeant = members.contains("n" + (i + 1));
      // What goes from one to another of them passes two wires.
      int share = members.size() == size ? 2 : 1;
      wires
          .get(i)
          .delay(
              isMeant ? link.delayMillis() * 1000L / share : 0,
              isMeant ? link.jitterMillis() * 1000L / share : 0);
    }
  }

  /** What goes between these members and others, both ways, as the filter writes it. */
  private String pairsWith(Set<String> members) {
    List<String> pairs = new ArrayList<>();
    for (int from = 0; from < size; from++) {
      for (int to = 0; to < size; to++) {
        if (from != to
            && (members.contains("n" + (from + 1)) || members.contains("n" + (to + 1)))) {
          pairs.add(address(from) + " . " + address(to));
        }
      }
    }
    return String.join(", ", pairs);
  }

  /** Gives each link a lane of this width for what the filter assigns to it; the rest goes by. */
  private void shape(int kilobitsPerSecond) {
    String rate = kilobitsPerSecond + "kbit";
    for (int i = 0; i < size; i++) {
      String outer = tag + "v" + i;
      if (shaped.add(outer)) {
        Commands.run("tc", "qdisc", "add", "dev", outer, "root", "handle", "1:", "htb");
        Commands.run(
            "tc", "class", "add", "dev", outer, "parent", "1:", "classid", LANE, "htb", "rate",
            rate);
        Commands.run(
            "tc", "qdisc", "add", "dev", outer, "parent", LANE, "pfifo", "limit", LANE_PACKETS);
      } else {
        Commands.run(
            "tc", "class", "change", "dev", outer, "parent", "1:", "classid", LANE, "htb", "rate",
            rate);
      }
    }
  }

  private static Path makeWire(Path home) {
    try {
      Files.createDirectories(home);
    } catch (IOException e) {
      throw new ClusterException("cannot make " + home + ": " + e.getMessage(), e);
    }
    return Native.wire(home);
  }

  private int index(String member) {
    int index = Integer.parseInt(member.substring(1)) - 1;
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException("no member " + member);
    }
    return index;
  }

  @Override
  public long packetsCut() {
    return counted("held");
  }

  @Override
  public long packetsDegraded() {
    return counted("lost")
        + counted("slowed")
        + wires.stream().mapToLong(Wire::framesDelayed).sum();
  }

  private long counted(String name) {
    String counter = Commands.run("nft", "list", "counter", "bridge", tag, name);
    Matcher matcher = Pattern.compile("packets (\\d+)").matcher(counter);
    if (!matcher.find()) {
      throw new ClusterException("nft shows no counter: " + counter);
    }
    return Long.parseLong(matcher.group(1));
  }

  @Override
  public void close() {
    Cleanup cleanup = new Cleanup();
    if (isLetThroughDocker) {
      cleanup.attempt(
          () ->
              Commands.run("iptables", "-D", "DOCKER-USER", "-i", tag, "-o", tag, "-j", "ACCEPT"));
    }
    wires.forEach(wire -> cleanup.attempt(wire::close));
    cleanup.attempt(() -> remove(tag));
    cleanup.finish("the network of " + tag + " is not gone");
  }

  /** Removes what runs that are over have left. */
  private static void sweep() {
    Set<String> tags = new TreeSet<>();
    List<String> lists = new ArrayList<>();
    lists.add(Commands.run("ip", "netns", "list"));
    lists.add(Commands.run("ip", "-o", "link", "show", "type", "bridge"));
    lists.add(Commands.run("nft", "list", "tables"));
    for (String list : lists) {
      Matcher matcher = TAG.matcher(list);
      while (matcher.find()) {
        if (Owner.isGone(Long.parseLong(matcher.group(1)))) {
          tags.add(matcher.group());
        }
      }
    }
    for (String tag : tags) {
      System.out.println("Left over from an earlier run: network " + tag + ", removed");
      // There or not, and the program with it.
      Commands.works("iptables", "-D", "DOCKER-USER", "-i", tag, "-o", tag, "-j", "ACCEPT");
      remove(tag);
    }
  }

  /** Removes all that carries a tag, as far as it is there. */
  private static void remove(String tag) {
    Cleanup cleanup = new Cleanup();
    for (String line : Commands.run("ip", "netns", "list").lines().toList()) {
      String namespace = line.split(" ", 2)[0];
      if (namespace.startsWith(tag + "n")) {
        cleanup.attempt(() -> Commands.run("ip", "netns", "delete", namespace));
      }
    }
    for (String line : Commands.run("ip", "-o", "link", "show").lines().toList()) {
      Matcher name = Pattern.compile("\\b(" + tag + "v\\d+)\\b").matcher(line);
      if (name.find()) {
        // Goes by itself with its namespace, some time later.
        Commands.attempt("", "ip", "link", "delete", name.group(1));
      }
    }
    if (Commands.works("ip", "link", "show", tag)) {
      cleanup.attempt(() -> Commands.run("ip", "link", "delete", tag));
    }
    if (Commands.works("nft", "list", "table", "bridge", tag)) {
      cleanup.attempt(() -> Commands.run("nft", "delete", "table", "bridge", tag));
    }
    cleanup.finish("left behind by " + tag);
  }
}
