package io.leasehold.jepsen.cluster;

import java.util.List;

/** What Linux counts of a network, as {@code /proc/net/snmp} says it. */
final class KernelCounters {
  private static final String PROTOCOL = "Ip:";
  private static final String WITHOUT_WAY = "OutNoRoutes";

  private KernelCounters() {}

  /** Returns how many packets were not sent since no way led to where they were to go. */
  static long withoutWay(String page) {
    List<List<String>> lines =
        page.lines()
            .filter(line -> line.startsWith(PROTOCOL))
            .map(line -> List.of(line.strip().split("\\s+", -1)))
            .toList();
    int at = lines.size() == 2 ? lines.get(0).indexOf(WITHOUT_WAY) : -1;
    if (at < 0 || at >= lines.get(1).size()) {
      throw new ClusterException("the kernel does not count " + WITHOUT_WAY + ": " + page);
    }
    return Long.parseLong(lines.get(1).get(at));
  }
}
