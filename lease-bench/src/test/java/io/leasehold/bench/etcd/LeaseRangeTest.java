package io.leasehold.bench.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class LeaseRangeTest {
  @Test
  void partsHaveEveryLeaseOnce() {
    LeaseRange range = new LeaseRange(100, 10);
    assertThat(range.split(3))
        .isEqualTo(List.of(new LeaseRange(100, 3), new LeaseRange(103, 3), new LeaseRange(106, 4)));
    assertThat(range.split(1)).containsExactly(range);
  }

  @Test
  void partsAreNeverEmpty() {
    assertThatThrownBy(() -> new LeaseRange(100, 2).split(3))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void rangesOfDifferentNumbersShareNoLease() {
    LeaseRange first = LeaseRange.numbered(-7, 1, 1 << 24);
    LeaseRange second = LeaseRange.numbered(-7, 2, 1);
    assertThat(second.firstId()).isGreaterThan(first.id(first.count() - 1));
    assertThat(LeaseRange.numbered(8, 1, 1).firstId()).isNotEqualTo(first.firstId());
  }

  @Test
  void idSaysWhichLeaseItIs() {
    LeaseRange range = LeaseRange.numbered(-1, 3, 1000);
    assertThat(range.firstId()).isPositive();
    assertThat(range.index(range.id(999))).isEqualTo(999);
  }
}
