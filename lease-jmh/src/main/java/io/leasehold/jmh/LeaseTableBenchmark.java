package io.leasehold.jmh;

import io.leasehold.core.lease.Lease;
import io.leasehold.core.lease.LeaseTable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The table of leases by ID. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class LeaseTableBenchmark {
  private static final long TTL_MILLIS = 30_000;

  @Param({"10000", "1000000"})
  int leases;

  private final LeaseTable table = new LeaseTable();
  private int next;

  @Setup
  public void fill() {
    for (int i = 1; i <= leases; i++) {
      table.put(lease(i));
    }
  }

  private static Lease lease(int number) {
    return new Lease(LeadingLessor.id(number), TTL_MILLIS, 0);
  }

  @Benchmark
  public @Nullable Lease find() {
    next = next == leases ? 1 : next + 1;
    return table.get(LeadingLessor.id(next));
  }

  @Benchmark
  public @Nullable Lease miss() {
    next = next == leases ? 1 : next + 1;
    return table.get(LeadingLessor.id(-next));
  }

  /** A lease goes and comes back, so that the table stays as it is. */
  @Benchmark
  public @Nullable Lease removeAndPut() {
    next = next == leases ? 1 : next + 1;
    Lease removed = table.remove(LeadingLessor.id(next));
    table.put(lease(next));
    return removed;
  }
}
