package io.leasehold.raft.storage;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;

/**
 * Prints what keys cost on RocksDB: puts through the state machine and the store, the end of a
 * lease with many keys, ranges, historic reads, replay, compaction. Not a test: figures depend on
 * the machine, and on what else it does. Each is the best of some rounds. Processor time is that of
 * the calling thread, which says more when the machine is busy.
 *
 * <p>Arguments: number of keys (100 000), directory (a new temporary one).
 */
public final class KeyStoreMeasurement {
  private static final int ROUNDS = 3;
  private static final int PUTS = 50_000;
  private static final int LEASE_KEYS = 100_000;
  private static final int VALUE_BYTES = 128;

  private final Random random = new Random(1);
  private final int keys;
  private final RocksStateStore store;
  private final LeaseStateMachine machine;

  private KeyStoreMeasurement(int keys, RocksStateStore store) {
    this.keys = keys;
    this.store = store;
    this.machine = new LeaseStateMachine(store, store.keys(), new Deaf(), KeyListener.NONE);
    machine.reload();
  }

  public static void main(String[] args) throws Exception {
    int keys = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    Path root = args.length > 1 ? Path.of(args[1]) : Files.createTempDirectory("keys");
    try (RocksStateStore store = RocksStateStore.open(root.resolve("state"))) {
      new KeyStoreMeasurement(keys, store).run();
    }
  }

  private void run() throws IOException, InterruptedException {
    for (int batch : new int[] {1, 16, 256}) {
      rate(
          "puts, " + batch + " a commit",
          PUTS,
          round -> {
            for (int i = 0; i < PUTS; i++) {
              apply(put(key("k/", random.nextInt(keys)), 0));
              if (i % batch == batch - 1) {
                commit();
              }
            }
            commit();
          });
    }
    for (int lease = 1; lease <= ROUNDS; lease++) {
      endLease(lease);
    }
    long written = System.nanoTime();
    for (int i = 0; i < keys; i++) {
      apply(put(key("k/", i), 0));
      if (i % 256 == 255) {
        commit();
      }
    }
    commit();
    print("keys written anew", written);
    reads();
    compaction();
    System.out.println(store.figures());
  }

  private void endLease(long lease) {
    apply(new Command.Grant(lease, 60_000));
    for (int i = 0; i < LEASE_KEYS; i++) {
      apply(put(key("l/" + lease + "/", i), lease));
      if (i % 256 == 255) {
        commit();
      }
    }
    commit();
    long begun = System.nanoTime();
    long begunCpu = cpuNanos();
    apply(new Command.Revoke(LeaseIds.of(lease), RevokeCause.REQUESTED, 0));
    long applied = System.nanoTime();
    long appliedCpu = cpuNanos();
    commit();
    long committed = System.nanoTime();
    long committedCpu = cpuNanos();
    System.out.printf(
        "end of a lease with %d keys: apply %d ms, commit %d ms (%d + %d ms of processor time)%n",
        LEASE_KEYS,
        (applied - begun) / 1_000_000,
        (committed - applied) / 1_000_000,
        (appliedCpu - begunCpu) / 1_000_000,
        (committedCpu - appliedCpu) / 1_000_000);
  }

  private void reads() {
    long newest = machine.revision();
    rate("opening and closing a reading", 100_000, round -> repeat(100_000, i -> openAndClose()));
    rate(
        "ranges of 1 key, a reading each",
        100_000,
        round ->
            repeat(
                100_000,
                i -> {
                  try (KeyReading reading = store.openKeys()) {
                    reading.get(key("k/", random.nextInt(keys)), newest);
                  }
                }));
    for (int length : new int[] {1, 100, 10_000}) {
      int count = Math.max(20, 200_000 / Math.max(10, length));
      rate(
          "ranges of " + length + " keys",
          count,
          round -> {
            try (KeyReading reading = store.openKeys()) {
              repeat(count, i -> range(reading, length, newest));
            }
          });
      rate(
          "counts of " + length + " keys",
          count,
          round -> {
            try (KeyReading reading = store.openKeys()) {
              repeat(count, i -> reading.count(randomRange(length), newest));
            }
          });
      rate(
          "ranges of " + length + " keys, half of them changed since",
          count,
          round -> {
            try (KeyReading reading = store.openKeys()) {
              repeat(count, i -> range(reading, length, newest - keys / 2));
            }
          });
    }
    rate(
        "gets of an earlier version",
        50_000,
        round -> {
          try (KeyReading reading = store.openKeys()) {
            repeat(50_000, i -> reading.get(key("k/", random.nextInt(keys)), newest - keys));
          }
        });
    rate(
        "events replayed",
        keys,
        round -> {
          try (KeyReading reading = store.openKeys()) {
            reading.forEachEvent(newest - keys + 1, newest, event -> true);
          }
        });
    long begun = System.nanoTime();
    try (KeyReading reading = store.openKeys()) {
      System.out.println(reading.hash(newest));
    }
    print("hash of all versions", begun);
  }

  private void compaction() throws InterruptedException {
    long revision = machine.revision();
    apply(new Command.Compact(revision));
    long begun = System.nanoTime();
    commit();
    CountDownLatch scrubbed = new CountDownLatch(1);
    store.whenScrubbed(revision, done -> scrubbed.countDown());
    long slowest = 0;
    int puts = 0;
    while (scrubbed.getCount() > 0) {
      long commit = System.nanoTime();
      apply(put(key("k/", random.nextInt(keys)), 0));
      commit();
      puts++;
      slowest = Math.max(slowest, System.nanoTime() - commit);
    }
    print("scrubbing of " + revision + " revisions", begun);
    System.out.printf(
        "meanwhile %d puts in commits of their own, the slowest %.1f ms%n", puts, slowest / 1e6);
    rate(
        "ranges of 100 keys after it",
        10_000,
        round -> {
          try (KeyReading reading = store.openKeys()) {
            repeat(10_000, i -> range(reading, 100, reading.revision()));
          }
        });
  }

  private void openAndClose() {
    store.openKeys().close();
  }

  private void range(KeyReading reading, int length, long revision) {
    int[] left = {length};
    reading.forEach(randomRange(length), revision, keyValue -> --left[0] > 0);
  }

  private KeyRange randomRange(int length) {
    int first = random.nextInt(Math.max(1, keys - length));
    return new KeyRange(key("k/", first), key("k/", first + length));
  }

  private void apply(Command command) {
    machine.apply(1, command);
  }

  private void commit() {
    store.commit(store.appliedIndex() + 1, 1);
  }

  private Command put(Bytes key, long lease) {
    byte[] value = new byte[VALUE_BYTES];
    random.nextBytes(value);
    return new Command.Transact(
        Txn.of(new Op.Put(key, Bytes.wrap(value), lease, false, false, false)));
  }

  private static Bytes key(String prefix, int number) {
    String digits = Integer.toString(1_000_000_000 + number);
    return Bytes.utf8(prefix + digits);
  }

  private static void repeat(int count, IntConsumer action) {
    for (int i = 0; i < count; i++) {
      action.accept(i);
    }
  }

  private static void rate(String what, int count, IntConsumer round) {
    long best = Long.MAX_VALUE;
    long bestCpu = Long.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long begun = System.nanoTime();
      long begunCpu = cpuNanos();
      round.accept(i);
      best = Math.min(best, System.nanoTime() - begun);
      bestCpu = Math.min(bestCpu, cpuNanos() - begunCpu);
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %.0f/s, %.2f us each (%.2f us of processor time)%n",
        what,
        count * 1e9 / best,
        best / 1e3 / count,
        bestCpu / 1e3 / count);
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static void print(String what, long begunNanos) {
    System.out.printf("%s: %d ms%n", what, (System.nanoTime() - begunNanos) / 1_000_000);
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
