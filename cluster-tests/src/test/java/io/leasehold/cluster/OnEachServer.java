package io.leasehold.cluster;

import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A suite that runs against a cluster of ours and, where it is installed, against one of etcd. All
 * tests of a suite share the cluster, so each keeps to keys of its own.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.leasehold.cluster.Server#present")
@Timeout(180)
abstract class OnEachServer {
  @TempDir static Path home;
  static Cluster cluster;

  @Parameter Server server;

  @BeforeParameterizedClassInvocation
  static void startCluster(Server chosen) {
    cluster = Cluster.start(chosen, home.resolve(chosen.name()));
  }

  @AfterParameterizedClassInvocation
  static void stopCluster() {
    cluster.close();
  }
}
