package io.leasehold.jmh;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.raft.codec.CorruptEntryException;
import io.leasehold.raft.codec.EntryCodec;
import io.leasehold.raft.storage.RocksStateStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the apply thread does with an entry: decode it, apply it, write it through to RocksDB and
 * commit. Every entry of grants is followed by one that revokes them, so that the state stays
 * small.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init") // JMH has the state made first
public class ApplyBenchmark {
  private static final long TTL_MILLIS = 30_000;

  /** Leases granted by one entry, and revoked by the next. */
  @Param({"1", "64"})
  int leases;

  private Path directory;
  private RocksStateStore store;
  private LeadingLessor leading;
  private ByteBuffer grants;
  private ByteBuffer revoke;
  private long index;

  @Setup
  public void open() throws IOException {
    directory = Files.createTempDirectory("lease-jmh");
    store = RocksStateStore.open(directory.resolve("state"));
    leading = new LeadingLessor(store, store.keys());
    List<Command> granted = new ArrayList<>();
    long[] ids = new long[leases];
    for (int i = 0; i < leases; i++) {
      ids[i] = LeadingLessor.id(i + 1);
      granted.add(new Command.Grant(ids[i], TTL_MILLIS));
    }
    grants = EntryCodec.encode(granted);
    revoke =
        EntryCodec.encode(
            List.of(
                new Command.Revoke(
                    LeaseIds.of(ids), RevokeCause.REQUESTED, Command.Revoke.NOT_FENCED)));
  }

  /** Two entries: so many grants, and one revoke of all of them. */
  @Benchmark
  public long grantAndRevoke() throws CorruptEntryException {
    int outcomes = apply(grants) + apply(revoke);
    return outcomes + leading.tick();
  }

  private int apply(ByteBuffer entry) throws CorruptEntryException {
    int outcomes = leading.apply(EntryCodec.decode(entry.duplicate())).size();
    index++;
    store.commit(index, LeadingLessor.TERM);
    return outcomes;
  }

  @TearDown
  public void close() throws IOException {
    store.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
