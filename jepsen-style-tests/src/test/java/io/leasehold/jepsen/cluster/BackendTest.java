package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BackendTest {
  private static final ClusterPlan PLAN = ClusterPlan.of(Path.of("home"), Target.LEASEHOLD);

  @Test
  void whatNoContainerCanBeIsRefusedWithoutAskingForAnEngine() {
    Backend containers = Backend.CONTAINERS;

    assertThat(containers.reasonUnlike(PLAN)).isNull();
    assertThat(containers.reasonUnlike(ClusterPlan.of(Path.of("home"), Target.ETCD)))
        .contains("no image of ETCD");
    assertThat(containers.reasonUnlike(PLAN.withSize(4))).contains("3 and for 5");
    assertThat(containers.reasonUnlike(PLAN.withDisks(100))).contains("disks");
    assertThat(
            containers.reasonUnlike(
                PLAN.withTampering(new Tampering(false, false, false, List.of(1.05)))))
        .contains("clocks");
    assertThat(containers.reasonUnlike(PLAN.withClassesFirst(List.of(Path.of("bug")))))
        .contains("their image");
    assertThat(containers.reasonMissing(PLAN.withSize(4))).contains("3 and for 5");
  }
}
