package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(240)
final class LeftoversIT {
  /** Larger than the log that etcd reserves before it starts. */
  private static final int DISK_MEBIBYTES = 320;

  @TempDir private Path home;

  static ClusterPlan plan(Path home) {
    ClusterPlan plan = ClusterPlan.of(home, Target.LEASEHOLD).withSize(1);
    return LoopDisk.reasonMissing() == null ? plan.withDisks(DISK_MEBIBYTES) : plan;
  }

  @ParameterizedTest
  @EnumSource(names = {"PROCESS", "NETNS"})
  void whatARunThatDiedLeftIsGoneWhenTheNextOneBegins(Backend backend) throws Exception {
    Skips.unless(backend, plan(home));
    Path left = home.resolve("left");
    Process run =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Dleasehold.root=" + Repository.root(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    CrashedRun.class.getName(),
                    left.toString(),
                    backend.name()))
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("run.log").toFile())
            .start();
    assertThat(run.waitFor()).isEqualTo(1);
    assertThat(members(left)).isNotEmpty();

    try (TestCluster next = backend.open(plan(home.resolve("next")))) {
      assertThat(members(left)).isEmpty();
      assertThat(Commands.run("mount")).doesNotContain(left.toString());
      assertThat(next.members()).hasSize(1);
    }
    if (backend == Backend.NETNS) {
      String tag = "lj" + run.pid();
      assertThat(Commands.run("ip", "netns", "list")).doesNotContain(tag);
      assertThat(Commands.run("nft", "list", "tables")).doesNotContain(tag);
    }
  }

  /** Returns the members whose data lies below a directory. */
  private static List<String> members(Path home) {
    return Commands.run("ps", "-ww", "-e", "-o", "args=")
        .lines()
        .filter(line -> line.contains("--data-dir " + home))
        .toList();
  }
}
