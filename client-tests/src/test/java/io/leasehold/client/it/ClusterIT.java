package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.ClusterMember;
import io.leasehold.client.EndpointReport;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.MemberStatus;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the cluster says of itself through the client. */
final class ClusterIT extends OnEachServer {
  @Test
  void membersAgreeOnWhoTheyAreAndWhoLeads() {
    List<ClusterMember> members = client.cluster().members();
    assertThat(members).isNotEmpty();
    ClusterMember leader = client.cluster().leader().orElseThrow();
    assertThat(members).contains(leader);
    List<EndpointReport> reports = client.cluster().reports();
    assertThat(reports).hasSameSizeAs(members).allMatch(EndpointReport::isHealthy);
    assertThat(reports)
        .extracting(report -> report.status().map(MemberStatus::leaderId).orElse(0L))
        .containsOnly(leader.id());
    assertThat(reports).filteredOn(one -> one.status().orElseThrow().isLeader()).hasSize(1);
    assertThat(client.cluster().alarms()).isEmpty();
  }

  @Test
  void anEndpointWhereNobodyIsDoesNotHideTheOthers() {
    // Nobody listens on port 1.
    try (LeaseClient some = LeaseClient.connect("127.0.0.1:1", cluster.endpoints())) {
      List<EndpointReport> reports = some.cluster().reports();
      EndpointReport nobody = reports.get(0);
      assertThat(nobody.endpoint()).isEqualTo("127.0.0.1:1");
      assertThat(nobody.isHealthy()).isFalse();
      assertThat(nobody.problem()).isNotEmpty();
      assertThat(nobody.status()).isEmpty();
      assertThat(reports.subList(1, reports.size()))
          .isNotEmpty()
          .allMatch(EndpointReport::isHealthy);
    }
  }
}
