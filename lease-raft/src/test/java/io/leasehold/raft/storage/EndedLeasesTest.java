package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EndedLeasesTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8, 9, 100})
  void keysAreTakenByTheLeaseInTheirRow(int count) {
    EndedLeases leases = leases(count);
    assertThat(leases.size()).isEqualTo(count);
    assertThat(leases.isEmpty()).isEqualTo(count == 0);
    for (int i = 0; i < count; i++) {
      long leaseId = 1000L + i;
      long ended = 10L + i;
      assertThat(leases.find(leaseId)).isEqualTo(new EndedLease(leaseId, ended));
      assertThat(leases.took(leaseId, ended - 1, ended)).isTrue();
      assertThat(leases.took(leaseId, ended - 1, ended - 1)).as("before the end").isFalse();
      assertThat(leases.took(leaseId, ended, ended)).as("put after the end").isFalse();
    }
    assertThat(leases.find(7)).isNull();
    assertThat(leases.took(7, 1, 1_000_000)).isFalse();
    assertThat(leases.took(0, 1, 1_000_000)).as("a key without a lease").isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 9, 100})
  void thoseThatAreSweptAreNamedNoLonger(int count) {
    EndedLeases leases = leases(count);
    assertThat(leases.without(Set.of())).isSameAs(leases);
    assertThat(leases.without(Set.of(new EndedLease(1000, 11)))).isSameAs(leases);
    EndedLeases rest = leases.without(Set.of(new EndedLease(1000, 10), new EndedLease(5, 5)));
    assertThat(rest.size()).isEqualTo(count - 1);
    assertThat(rest.find(1000)).isNull();
    assertThat(rest.inOrder()).isEqualTo(leases.inOrder().subList(1, count));
  }

  private static EndedLeases leases(int count) {
    List<EndedLease> inOrder = new ArrayList<>();
    EndedLeases oneByOne = EndedLeases.NONE;
    for (int i = 0; i < count; i++) {
      EndedLease lease = new EndedLease(1000L + i, 10L + i);
      inOrder.add(lease);
      oneByOne = oneByOne.with(lease);
    }
    assertThat(oneByOne).isEqualTo(EndedLeases.of(inOrder));
    return oneByOne;
  }
}
