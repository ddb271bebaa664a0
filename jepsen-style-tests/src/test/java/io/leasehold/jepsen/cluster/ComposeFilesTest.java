package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComposeFilesTest {
  @TempDir private Path home;

  @Test
  void flagsAreToldAsVariables() {
    assertThat(
            ComposeFiles.variables(
                List.of("--snapshot-count", "200", "--lease-checkpoint-interval=5s")))
        .isEqualTo(
            Map.of("LEASEHOLD_SNAPSHOT_COUNT", "200", "LEASEHOLD_LEASE_CHECKPOINT_INTERVAL", "5s"));
    assertThatThrownBy(() -> ComposeFiles.variables(List.of("snapshot-count", "200")))
        .hasMessageContaining("--name value");
  }

  @Test
  void whatARunWantsIsAddedToTheRepositorysFile() throws Exception {
    ComposeFiles files =
        new ComposeFiles(ClusterPlan.of(home, Target.LEASEHOLD, "--snapshot-count", "200"));

    List<Path> written = files.write();

    assertThat(written.get(0)).isEqualTo(Repository.root().resolve("docker-compose.yml"));
    JsonObject added = JsonParser.parseString(Files.readString(written.get(1))).getAsJsonObject();
    JsonObject member = added.getAsJsonObject("services").getAsJsonObject("n2");
    assertThat(member.get("restart").getAsString()).isEqualTo("no");
    assertThat(member.getAsJsonObject("environment").get("LEASEHOLD_SNAPSHOT_COUNT").getAsString())
        .isEqualTo("200");
    assertThat(member.getAsJsonObject("labels").get(ComposeFiles.OWNER_LABEL).getAsString())
        .isEqualTo(Owner.current());
    ContainerCluster.Places places = files.places().get("n2");
    assertThat(member.getAsJsonArray("ports").get(0).getAsString())
        .isEqualTo(places.metrics() + ":2381");
    assertThat(files.asked()).containsEntry("LEASEHOLD_BIND", places.client().host());
  }

  /** The files themselves say at which ports clients are served. */
  @Test
  void clientsAreServedWhereTheRepositorysFilesPublishThem() throws Exception {
    ClusterPlan five = ClusterPlan.of(home, Target.LEASEHOLD).withSize(5);
    String published =
        Files.readString(Repository.root().resolve("docker-compose.yml"))
            + Files.readString(Repository.root().resolve("deploy/docker-compose.5.yml"));

    assertThat(new ComposeFiles(five).places()).hasSize(5);
    for (ContainerCluster.Places each : new ComposeFiles(five).places().values()) {
      assertThat(published).contains("}:" + each.client().port() + ":2379\"");
    }
    assertThat(ComposeFiles.reasonMissing(five)).isNull();
    assertThat(ComposeFiles.reasonMissing(five.withSize(4))).contains("3 and for 5");
  }

  @Test
  void whoComesBackGetsAnAddressThatTheEngineGivesNobody() {
    ComposeFiles files = new ComposeFiles(ClusterPlan.of(home, Target.LEASEHOLD));

    assertThat(IntStream.range(0, 1000).mapToObj(files::address).distinct())
        .hasSize(127)
        .allSatisfy(
            address ->
                assertThat(Integer.parseInt(address.substring(address.lastIndexOf('.') + 1)))
                    .isBetween(128, 254));
  }

  @Test
  void packetsWithoutAWayAreReadFromTheKernelsPage() {
    String page =
        """
        Ip: Forwarding DefaultTTL OutRequests OutNoRoutes ReasmTimeout
        Ip: 1 64 4096 17 0
        Icmp: InMsgs OutMsgs
        Icmp: 5 6
        """;

    assertThat(KernelCounters.withoutWay(page)).isEqualTo(17);
    assertThatThrownBy(() -> KernelCounters.withoutWay("Ip: Forwarding\nIp: 1\n"))
        .isInstanceOf(ClusterException.class)
        .hasMessageContaining("OutNoRoutes");
  }
}
