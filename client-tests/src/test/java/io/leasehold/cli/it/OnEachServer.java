package io.leasehold.cli.it;

import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Server;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A suite that runs against a cluster of ours and, where it is installed, against one of etcd. All
 * tests of a suite share the cluster.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("io.leasehold.cluster.Server#present")
@Timeout(180)
abstract class OnEachServer {
  static final Duration SOON = Duration.ofSeconds(30);

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
