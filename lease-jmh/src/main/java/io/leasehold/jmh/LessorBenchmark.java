package io.leasehold.jmh;

import io.leasehold.core.key.MemoryKeyStore;
import io.leasehold.core.lessor.Lessor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
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

/** A renewal, which a leader does in memory. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH has the state made first
public class LessorBenchmark {
  private static final Duration TTL = Duration.ofHours(1);

  /** Each renewal is a little later than the one before, as by a clock. */
  private static final long STEP_NANOS = 100;

  /** How many leases there are: in the processor's caches, and not. */
  @Param({"10000", "1000000"})
  int leases;

  private Lessor lessor;
  private long nowNanos;
  private int next;

  @Setup
  public void grant() {
    LeadingLessor leading = new LeadingLessor(new NoStore(), new MemoryKeyStore());
    leading.grant(leases, TTL);
    lessor = leading.lessor();
    nowNanos = leading.nowNanos();
  }

  /** One lease after the other, as they lie in no order in memory. */
  @Benchmark
  public long renewHit() {
    next = next == leases ? 1 : next + 1;
    nowNanos += STEP_NANOS;
    return lessor.renew(LeadingLessor.id(next), nowNanos);
  }

  /** IDs that no lease has. */
  @Benchmark
  public long renewMiss() {
    next = next == leases ? 1 : next + 1;
    return lessor.renew(LeadingLessor.id(-next), nowNanos);
  }

  @Benchmark
  public long remaining() {
    next = next == leases ? 1 : next + 1;
    return lessor.remainingMillis(LeadingLessor.id(next), nowNanos);
  }
}
