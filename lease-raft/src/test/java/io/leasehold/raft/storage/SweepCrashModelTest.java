package io.leasehold.raft.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.RandomCommands;
import io.leasehold.core.key.Txn;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random commands on a store whose leases end without naming their keys, one key swept at a time,
 * with restarts, crashes and snapshots on the way, against a store whose leases name them: every
 * reader must see the same, and the rows must be the same in the end. {@code -Dkeys.seed} repeats a
 * run, {@code -Dkeys.runs} makes it longer.
 */
class SweepCrashModelTest {
  private static final int RUNS = Integer.getInteger("keys.runs", 10);
  private static final int COMMANDS = 250;

  private static final KeyRange ALL = new KeyRange(Bytes.EMPTY, null);

  @TempDir Path root;

  @Test
  @Timeout(value = 9, unit = TimeUnit.MINUTES)
  void theSameAsWhenKeysAreNamed() {
    long only = Long.getLong("keys.seed", -1);
    int looks = 0;
    int crashes = 0;
    for (long seed = only >= 0 ? only : 1; seed <= (only >= 0 ? only : RUNS); seed++) {
      try (Run run = new Run(seed, root.resolve("s" + seed))) {
        run.run(COMMANDS);
        looks += run.unsweptSeen;
        crashes += run.crashes;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay: -Dtest=SweepCrashModelTest -Dkeys.seed=" + seed, e);
      }
    }
    // Otherwise the runs would have shown nothing.
    assertThat(looks).as("looks at keys half swept").isPositive();
    assertThat(crashes).as("crashes").isPositive();
  }

  private static final class Run implements AutoCloseable {
    private final Random random;
    private final RandomCommands commands;
    private final Path dir;
    private final List<Command> log = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<Long> hashes = new ArrayList<>();
    private final RocksStateStore named;
    private final LeaseStateMachine namedMachine;
    private final List<Path> snapshots = new ArrayList<>();
    private RocksStateStore swept;
    private LeaseStateMachine sweptMachine;
    private int applied;
    private int names;
    private int crashes;
    private int unsweptSeen;

    Run(long seed, Path dir) {
      this.random = new Random(seed);
      this.commands = new RandomCommands(random);
      this.dir = dir;
      this.named = RocksStateStore.open(dir.resolve("named"));
      this.namedMachine = machine(named, 1_000_000);
      this.swept = openSwept(dir.resolve("swept"));
      this.sweptMachine = machine(swept, 1);
    }

    private static RocksStateStore openSwept(Path dir) {
      return RocksStateStore.open(dir, 1);
    }

    private static LeaseStateMachine machine(RocksStateStore store, int max) {
      LeaseStateMachine machine =
          new LeaseStateMachine(store, store.keys(), new Deaf(), KeyListener.NONE, max);
      machine.reload();
      return machine;
    }

    void run(int count) {
      while (log.size() < count) {
        Command command = next();
        if (command instanceof Command.SetAlarm) {
          continue;
        }
        log.add(command);
        outcomes.add(namedMachine.apply(RandomCommands.TERM, command));
        applyNext();
        int dice = random.nextInt(100);
        if (dice < 25) {
          commit();
        } else if (dice < 30) {
          Path snapshot = dir.resolve("snapshot-" + names++);
          swept.checkpoint(snapshot);
          snapshots.add(snapshot);
        } else if (dice < 33 && !snapshots.isEmpty()) {
          crashes++;
          swept.replaceWith(snapshots.get(random.nextInt(snapshots.size())));
          replay(machine(swept, 1));
        } else if (dice < 35) {
          swept.close();
          swept = openSwept(dir.resolve("swept"));
          replay(machine(swept, 1));
        } else if (dice < 36 && !snapshots.isEmpty()) {
          Path other = dir.resolve("other-" + names++);
          swept.close();
          try (RocksStateStore fresh = openSwept(other)) {
            fresh.replaceWith(snapshots.get(snapshots.size() - 1));
          }
          swept = openSwept(other);
          replay(machine(swept, 1));
          // stays there: further restarts take this one
          swept.close();
          swept = openSwept(dir.resolve("swept"));
          replay(machine(swept, 1));
        }
        compareViews(named.keys().pending(), swept.keys().pending(), false);
      }
      commit();
      while (swept.figures().get("unswept_leases") != 0) {
        Thread.onSpinWait();
      }
      swept.commit(swept.appliedIndex(), RandomCommands.TERM);
      long compacted = named.keys().pending().compactedRevision();
      awaitScrubbed(named, compacted);
      awaitScrubbed(swept, compacted);
      swept.close();
      named.close();
      assertThat(dump(dir.resolve("swept"))).isEqualTo(dump(dir.resolve("named")));
    }

    /** Leases with many keys that end often, and whose IDs are taken again. */
    private Command next() {
      int dice = random.nextInt(100);
      if (dice < 40) {
        return commands.next(namedMachine.revision());
      }
      long lease = RandomCommands.LEASES.get(random.nextInt(3));
      if (dice < 52) {
        return new Command.Grant(lease, 5000);
      } else if (dice < 64) {
        return new Command.Revoke(LeaseIds.of(lease), RevokeCause.REQUESTED, Command.NOT_FENCED);
      } else if (dice < 67) {
        return new Command.Compact(Math.max(1, namedMachine.revision() - random.nextInt(2)));
      }
      List<Op> puts = new ArrayList<>();
      int first = random.nextInt(RandomCommands.KEYS.size());
      for (int i = 0; i < 5; i++) {
        puts.add(
            new Op.Put(
                RandomCommands.KEYS.get((first + i) % RandomCommands.KEYS.size()),
                Bytes.utf8("v" + log.size()),
                dice < 75 && i > 2 ? 0 : lease,
                false,
                false,
                false));
      }
      return new Command.Transact(new Txn(List.of(), puts, List.of()));
    }

    private void replay(LeaseStateMachine machine) {
      sweptMachine = machine;
      applied = (int) swept.appliedIndex();
      while (applied < log.size()) {
        applyNext();
        if (random.nextInt(4) == 0) {
          if (swept.figures().get("unswept_leases") > 0) {
            unsweptSeen++;
          }
          swept.commit(applied, RandomCommands.TERM);
          if (random.nextInt(8) == 0) {
            Path snapshot = dir.resolve("snapshot-" + names++);
            swept.checkpoint(snapshot);
            snapshots.add(snapshot);
          }
        }
      }
    }

    private void applyNext() {
      Outcome outcome = sweptMachine.apply(RandomCommands.TERM, log.get(applied));
      assertThat(outcome).as("command %d", applied).isEqualTo(outcomes.get(applied));
      if (applied < hashes.size()) {
        assertThat(sweptMachine.stateHash()).as("hash").isEqualTo(hashes.get(applied));
      } else {
        hashes.add(sweptMachine.stateHash());
      }
      applied++;
    }

    private void commit() {
      named.commit(log.size(), RandomCommands.TERM);
      swept.commit(applied, RandomCommands.TERM);
      if (swept.figures().get("unswept_leases") > 0) {
        unsweptSeen++;
      }
      try (KeyReading one = named.openKeys();
          KeyReading other = swept.openKeys()) {
        compareViews(one, other, true);
        long oldest = Math.max(1, one.compactedRevision());
        for (int i = 0; i < 3; i++) {
          long at = oldest + random.nextLong(one.revision() - oldest + 1);
          assertThat(other.hash(at)).isEqualTo(one.hash(at));
        }
      }
    }

    private void compareViews(KeyView one, KeyView other, boolean isSnapshot) {
      assertThat(other.revision()).isEqualTo(one.revision());
      assertThat(other.compactedRevision()).isEqualTo(one.compactedRevision());
      long oldest = Math.max(1, one.compactedRevision());
      for (int i = 0; i < 4; i++) {
        long at = i == 0 ? one.revision() : oldest + random.nextLong(one.revision() - oldest + 1);
        assertThat(other.count(ALL, at)).as("count at %d", at).isEqualTo(one.count(ALL, at));
        List<KeyValue> expected = new ArrayList<>();
        List<KeyValue> actual = new ArrayList<>();
        one.forEach(ALL, at, expected::add);
        other.forEach(ALL, at, actual::add);
        assertThat(actual).as("keys at %d", at).isEqualTo(expected);
      }
      if (isSnapshot) {
        long from = oldest + random.nextLong(one.revision() - oldest + 1);
        List<KeyEvent> expected = new ArrayList<>();
        List<KeyEvent> actual = new ArrayList<>();
        one.forEachEvent(from, one.revision(), expected::add);
        other.forEachEvent(from, one.revision(), actual::add);
        assertThat(actual).as("events from %d", from).isEqualTo(expected);
      }
      for (long lease : RandomCommands.LEASES) {
        List<Bytes> expected = new ArrayList<>();
        List<Bytes> actual = new ArrayList<>();
        one.forEachAttached(lease, expected::add);
        other.forEachAttached(lease, actual::add);
        assertThat(actual).as("attached to %d", lease).isEqualTo(expected);
      }
    }

    private static List<String> dump(Path dir) {
      List<String> rows = new ArrayList<>();
      try (Database database = Database.open(dir)) {
        StoredKeys stored = new StoredKeys(database);
        stored.forEachCurrent(ALL, k -> rows.add("current " + k));
        stored.forEachVersion(
            r ->
                rows.add(
                    "version "
                        + HexFormat.of().formatHex(r.key())
                        + " "
                        + Arrays.toString(r.value())));
        stored.forEachEvent(0, Long.MAX_VALUE - 1, e -> rows.add("event " + e));
        for (long lease : RandomCommands.LEASES) {
          stored.forEachAttached(lease, k -> rows.add("attached " + lease + " " + k));
        }
        rows.add("ended " + stored.numbers().ended());
      }
      return rows;
    }

    private static void awaitScrubbed(RocksStateStore store, long revision) {
      CompletableFuture<Boolean> done = new CompletableFuture<>();
      store.whenScrubbed(revision, done::complete);
      assertThat(done.orTimeout(30, TimeUnit.SECONDS).join()).isTrue();
    }

    @Override
    public void close() {
      swept.close();
      named.close();
    }
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
