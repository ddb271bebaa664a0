package io.leasehold.jmh;

import io.leasehold.core.key.MemoryKeyStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The schedule as a whole: what it takes to fill it, to drain it, and to put off what was renewed.
 */
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 10)
@Measurement(iterations = 20)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH has the state made first
public class DueLeasesBenchmark {
  private static final Duration TTL = Duration.ofSeconds(30);

  /** As seldom as a leader that has nothing else to do. */
  private static final Duration TICK = Duration.ofMillis(100);

  @Param("100000")
  int leases;

  private LeadingLessor leading;

  @Setup(Level.Invocation)
  public void grant() {
    leading = new LeadingLessor(new NoStore(), new MemoryKeyStore());
    leading.grant(leases, TTL);
  }

  /** A new leader takes over all leases. */
  @Benchmark
  public long promote() {
    leading.promote();
    return leading.tick();
  }

  /** All leases are due together, and end: decided, proposed and applied. */
  @Benchmark
  public int endAll() {
    int commands = 0;
    // Ticks that came late would pass for stalls.
    while (leading.machine().leases().size() > 0) {
      leading.pass(TICK);
      long unused = leading.tick();
      commands += leading.commit();
    }
    return commands;
  }

  /** All leases come up and are found to have been renewed. */
  @Benchmark
  public long putOffAll() {
    Duration passed = Duration.ZERO;
    for (; passed.compareTo(TTL.dividedBy(2)) < 0; passed = passed.plus(TICK)) {
      leading.pass(TICK);
      long unused = leading.tick();
    }
    long nowNanos = leading.nowNanos();
    for (int i = 1; i <= leases; i++) {
      long unused = leading.lessor().renew(LeadingLessor.id(i), nowNanos);
    }
    for (; passed.compareTo(TTL) <= 0; passed = passed.plus(TICK)) {
      leading.pass(TICK);
      long unused = leading.tick();
    }
    return leading.machine().leases().size();
  }
}
