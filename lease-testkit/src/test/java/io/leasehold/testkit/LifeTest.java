package io.leasehold.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.LeaseClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
final class LifeTest {
  @Test
  void clusterWorksWithoutJUnit() {
    LeaseholdCluster kept;
    try (LeaseholdCluster cluster = LeaseholdCluster.of(1).open();
        LeaseClient client = LeaseClient.connect(cluster.endpoints().get(0))) {
      assertThat(client.leases().grant(Duration.ofMinutes(1)).id()).isNotZero();
      kept = cluster;
    }
    assertThatThrownBy(kept::leader)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the cluster is not open");
  }

  @Test
  void clusterCanBeOpenedAgainAndStartsEmpty() {
    LeaseholdCluster cluster = LeaseholdCluster.of(1);
    for (int i = 0; i < 2; i++) {
      try (LeaseholdCluster open = cluster.open();
          LeaseClient client = LeaseClient.connect(open.endpoints().get(0))) {
        assertThat(client.leases().list()).isEmpty();
        assertThat(client.leases().grant(Duration.ofMinutes(1)).id()).isNotZero();
        assertThatThrownBy(cluster::open).hasMessage("the cluster is open");
      }
    }
  }

  @Test
  void clusterHasOneOrThreeMembers() {
    assertThatThrownBy(() -> LeaseholdCluster.of(2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a cluster has 1 or 3 members here, not 2");
  }

  @Nested
  final class AnInstanceField {
    @RegisterExtension final LeaseholdCluster cluster = LeaseholdCluster.of(1);

    @Test
    void isForOneTest() {
      grantTheOnlyLease();
    }

    @Test
    void isAnotherForTheNextTest() {
      grantTheOnlyLease();
    }

    private void grantTheOnlyLease() {
      try (LeaseClient client = LeaseClient.connect(cluster.endpoints().get(0))) {
        assertThat(client.leases().grant(Duration.ofMinutes(1)).id()).isNotZero();
        assertThat(client.leases().list()).hasSize(1);
      }
    }
  }

  @Nested
  @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
  final class AStaticField {
    @RegisterExtension static final LeaseholdCluster cluster = LeaseholdCluster.of(3);

    private static final List<List<String>> ENDPOINTS = new ArrayList<>();

    @Test
    @Order(1)
    void isDisturbedByATest() {
      ENDPOINTS.clear();
      ENDPOINTS.add(cluster.endpoints());
      cluster.kill(cluster.member(1));
      cluster.pause(cluster.member(2));
      cluster.isolate(cluster.member(3));
    }

    @Test
    @Order(2)
    void isRestoredForTheNextTest() {
      ENDPOINTS.add(cluster.endpoints());
      assertThat(cluster.followers()).hasSize(2);
    }

    @Nested
    final class InANestedClass {
      @Test
      void isTheSame() {
        ENDPOINTS.add(cluster.endpoints());
        assertThat(cluster.leader()).isNotNull();
      }
    }

    @AfterAll
    static void wasTheSameThroughout() {
      assertThat(ENDPOINTS).hasSize(3);
      assertThat(ENDPOINTS.stream().distinct()).hasSize(1);
    }
  }
}
