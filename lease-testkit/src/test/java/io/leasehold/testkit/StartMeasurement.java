package io.leasehold.testkit;

import java.util.ArrayList;
import java.util.List;

/** Measures how long a cluster takes to open, the first in a JVM and later ones. */
final class StartMeasurement {
  private StartMeasurement() {}

  public static void main(String[] arguments) {
    int members = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1;
    int times = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      long beginNanos = System.nanoTime();
      LeaseholdCluster cluster = LeaseholdCluster.of(members).open();
      long openNanos = System.nanoTime();
      cluster.close();
      long closedNanos = System.nanoTime();
      rows.add(
          String.format(
              "%d members, cluster %d of this JVM: open after %.2f s, closed after %.2f s more",
              members, i + 1, (openNanos - beginNanos) / 1e9, (closedNanos - openNanos) / 1e9));
    }
    rows.forEach(System.out::println);
  }
}
