package io.leasehold.jmh;

import io.leasehold.core.command.Command;
import io.leasehold.raft.codec.CorruptEntryException;
import io.leasehold.raft.codec.EntryCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
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

/** Log entries that carry grants. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH has the state made first
public class EntryCodecBenchmark {
  private static final long TTL_MILLIS = 30_000;

  /** Commands that share an entry. */
  @Param({"1", "64"})
  int commands;

  private final List<Command> grants = new ArrayList<>();
  private ByteBuffer entry;

  @Setup
  public void encodeOnce() {
    for (int i = 1; i <= commands; i++) {
      grants.add(new Command.Grant(LeadingLessor.id(i), TTL_MILLIS));
    }
    entry = EntryCodec.encode(grants);
  }

  @Benchmark
  public ByteBuffer encode() {
    return EntryCodec.encode(grants);
  }

  @Benchmark
  public List<Command> decode() throws CorruptEntryException {
    return EntryCodec.decode(entry.duplicate());
  }
}
