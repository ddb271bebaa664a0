package io.leasehold.core.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class LeaseTableTest {
  private final LeaseTable table = new LeaseTable();

  @Test
  void behavesLikeAMapUnderRandomOperations() {
    Random random = new Random(3);
    Map<Long, Lease> reference = new HashMap<>();
    for (int i = 0; i < 500_000; i++) {
      long id = random.nextInt(20_000) - 10_000L;
      if (random.nextBoolean()) {
        if (!reference.containsKey(id)) {
          Lease lease = new Lease(id, 1000, 0);
          table.put(lease);
          reference.put(id, lease);
        }
      } else {
        assertThat(table.remove(id)).isSameAs(reference.remove(id));
      }
      long probe = random.nextInt(20_000) - 10_000L;
      assertThat(table.get(probe)).isSameAs(reference.get(probe));
    }
    assertThat(table.size()).isEqualTo(reference.size());
    Map<Long, Lease> seen = new HashMap<>();
    table.forEach(lease -> seen.put(lease.id(), lease));
    assertThat(seen).isEqualTo(reference);
  }

  @Test
  void segmentsGrowOneAfterTheOtherSoThatThereIsNeverMuchRoomToSpare() {
    for (long id = 1; id <= 300_000; id++) {
      table.put(new Lease(id, 1000, 0));
      if (id > 30_000 && id % 1000 == 0) {
        assertThat((double) table.capacity() / id).isBetween(1.6, 1.9);
      }
    }
    for (long id = 1; id <= 299_000; id++) {
      table.remove(id);
    }
    assertThat(table.capacity()).isLessThan(20_000);
    for (long id = 299_001; id <= 300_000; id++) {
      assertThat(table.get(id)).isNotNull();
    }
  }

  @Test
  void extremeIdsAreOrdinary() {
    for (long id : new long[] {Long.MIN_VALUE, -1, 1, Long.MAX_VALUE}) {
      table.put(new Lease(id, 1000, 0));
      assertThat(table.get(id)).isNotNull();
    }
    assertThat(table.get(0)).isNull();
    assertThat(table.size()).isEqualTo(4);
  }

  @Test
  @Timeout(60)
  void readersAlwaysFindALeaseThatStaysWhileOthersComeAndGo() throws InterruptedException {
    for (long id = 1; id <= 1000; id++) {
      table.put(new Lease(-id, 1000, 0));
    }
    AtomicBoolean done = new AtomicBoolean();
    AtomicLong misses = new AtomicLong();
    AtomicLong reads = new AtomicLong();
    Thread reader =
        new Thread(
            () -> {
              while (!done.get()) {
                for (long id = 1; id <= 1000; id++) {
                  Lease lease = table.get(-id);
                  if (lease == null || lease.id() != -id) {
                    misses.incrementAndGet();
                  }
                  reads.incrementAndGet();
                }
              }
            });
    reader.start();
    for (int round = 0; round < 20 || reads.get() < 100_000; round++) {
      for (long id = 1; id <= 20_000; id++) {
        table.put(new Lease(id, 1000, 0));
      }
      for (long id = 1; id <= 20_000; id++) {
        table.remove(id);
      }
    }
    done.set(true);
    reader.join();
    assertThat(misses).hasValue(0);
  }
}
