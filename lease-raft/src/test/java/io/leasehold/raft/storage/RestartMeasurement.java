package io.leasehold.raft.storage;

import io.leasehold.core.command.Command;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/**
 * Prints how long a member takes to have its leases back after a restart, and what a snapshot
 * costs. Not a test: figures depend on the machine, and on what else it does; the processor time
 * less so.
 *
 * <p>Arguments: number of leases (1 000 000), directory (a new temporary one).
 */
public final class RestartMeasurement {
  private static final int GRANTS_PER_COMMIT = 1_000;
  private static final int REPEATS = 5;

  private RestartMeasurement() {}

  public static void main(String[] args) throws IOException {
    int leases = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    Path root = args.length > 1 ? Path.of(args[1]) : Files.createTempDirectory("restart");
    Path dir = root.resolve("state");
    fill(dir, leases);
    for (int repeat = 1; repeat <= REPEATS; repeat++) {
      long begun = System.nanoTime();
      try (RocksStateStore store = RocksStateStore.open(dir)) {
        long opened = System.nanoTime();
        long openedCpu = cpuNanos();
        LeaseStateMachine machine =
            new LeaseStateMachine(store, store.keys(), new Deaf(), KeyListener.NONE);
        machine.reload();
        long loaded = System.nanoTime();
        long loadedCpu = cpuNanos();
        store.checkpoint(root.resolve("snapshot-" + repeat));
        long copied = System.nanoTime();
        System.out.printf(
            "open %d ms, reload of %d leases %d ms (%d ms of processor time), snapshot of %d KiB"
                + " %d ms%n",
            millis(opened - begun),
            machine.leases().size(),
            millis(loaded - opened),
            millis(loadedCpu - openedCpu),
            store.sizeBytes() >> 10,
            millis(copied - loaded));
      }
    }
  }

  private static void fill(Path dir, int leases) {
    Random random = new Random(1);
    long begun = System.nanoTime();
    try (RocksStateStore store = RocksStateStore.open(dir)) {
      LeaseStateMachine machine =
          new LeaseStateMachine(store, store.keys(), new Deaf(), KeyListener.NONE);
      machine.reload();
      for (int i = 1; machine.leases().size() < leases; i++) {
        machine.apply(1, new Command.Grant(random.nextLong() | 1, 60_000));
        if (i % GRANTS_PER_COMMIT == 0) {
          store.commit(i, 1);
        }
      }
      store.commit(store.appliedIndex() + GRANTS_PER_COMMIT, 1);
      System.out.printf(
          "apply of %d grants %d ms, then %s%n",
          leases, millis(System.nanoTime() - begun), store.figures());
    }
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static long millis(long nanos) {
    return nanos / 1_000_000;
  }

  private static final class Deaf implements LeaseListener {
    @Override
    public void granted(Lease lease) {}

    @Override
    public void revoked(List<Lease> leases) {}

    @Override
    public void checkpointed(List<Lease> leases) {}
  }
}
