package io.leasehold.jepsen.cluster;

import java.nio.file.Path;

/** The JDK that members run on: the one that {@code ./leasehold} would take. */
final class Jdk {
  private static final String RULE =
      ". \"$1/scripts/jdk.sh\"; home=$(jdk_newest) || { jdk_complaint; exit 1; };"
          + " echo \"$home\"; jdk_feature \"$home\"";

  private final Path home;
  private final int feature;

  private Jdk(Path home, int feature) {
    this.home = home;
    this.feature = feature;
  }

  static Jdk find() {
    String[] found =
        Commands.run("sh", "-c", RULE, "sh", Repository.root().toString()).strip().split("\n", -1);
    if (found.length != 2) {
      throw new ClusterException("scripts/jdk.sh says " + String.join(" ", found));
    }
    return new Jdk(Path.of(found[0]), Integer.parseInt(found[1]));
  }

  Path home() {
    return home;
  }

  Path java() {
    return home.resolve("bin").resolve("java");
  }

  int feature() {
    return feature;
  }
}
