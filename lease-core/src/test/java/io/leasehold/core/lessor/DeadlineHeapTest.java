package io.leasehold.core.lessor;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.lease.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeadlineHeapTest {
  private final DeadlineHeap heap = new DeadlineHeap();

  @Test
  void behavesLikeAPriorityQueueUnderRandomOperations() {
    Random random = new Random(7);
    PriorityQueue<Long> reference = new PriorityQueue<>();
    for (int i = 0; i < 200_000; i++) {
      int dice = random.nextInt(10);
      if (reference.isEmpty() || dice < 5) {
        long key = random.nextInt(1_000_000);
        heap.push(key, lease(key));
        reference.add(key);
      } else if (dice < 8) {
        assertThat(heap.topKey()).isEqualTo(reference.remove());
        heap.pop();
      } else {
        long key = reference.remove() + random.nextInt(1000);
        heap.replaceTopKey(key);
        reference.add(key);
      }
      assertThat(heap.size()).isEqualTo(reference.size());
    }
    while (!reference.isEmpty()) {
      assertThat(heap.topKey()).isEqualTo(reference.remove());
      heap.pop();
    }
    assertThat(heap.isEmpty()).isTrue();
  }

  @Test
  void ordersBySubtractionAcrossTheWrapOfTheClock() {
    heap.push(Long.MIN_VALUE + 5, lease(2));
    heap.push(Long.MAX_VALUE - 5, lease(1));
    assertThat(heap.top().id()).isEqualTo(1);
    heap.pop();
    assertThat(heap.top().id()).isEqualTo(2);
  }

  @Test
  void bulkFillingThenRestoringOrderYieldsAscendingKeys() {
    Random random = new Random(11);
    for (int i = 0; i < 50_000; i++) {
      long key = random.nextLong() >>> 8;
      heap.append(key, lease(key));
    }
    heap.restoreOrder();
    assertThat(drain()).hasSize(50_000).isSorted();
  }

  @Test
  void sweepDropsTheLeasesThatAreGoneAndKeepsTheOrder() {
    List<Lease> leases = new ArrayList<>();
    Random random = new Random(13);
    for (int i = 0; i < 20_000; i++) {
      Lease lease = lease(i);
      lease.schedule(i, false);
      leases.add(lease);
      heap.push(random.nextInt(1_000_000), lease);
    }
    for (int i = 0; i < 20_000; i += 2) {
      leases.get(i).markGone();
    }
    heap.dropGone();
    assertThat(drain()).hasSize(10_000).isSorted();
  }

  private List<Long> drain() {
    List<Long> keys = new ArrayList<>();
    while (!heap.isEmpty()) {
      keys.add(heap.topKey());
      heap.pop();
    }
    return keys;
  }

  private static Lease lease(long id) {
    return new Lease(id, 1000, 0);
  }
}
