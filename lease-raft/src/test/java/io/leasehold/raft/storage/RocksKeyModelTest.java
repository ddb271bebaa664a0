package io.leasehold.raft.storage;

import io.leasehold.core.key.KeyModelRun;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyStore;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.state.StateStore;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random commands on RocksDB, with the scrubber at work behind them. {@code -Dkeys.seed} repeats a
 * run, {@code -Dkeys.runs} and {@code -Dkeys.commands} make it longer.
 */
class RocksKeyModelTest {
  private static final int RUNS = Integer.getInteger("keys.runs", 10);
  private static final int COMMANDS = Integer.getInteger("keys.commands", 150);

  @TempDir Path root;

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void theKeySpaceDoesWhatTheNaiveOneSays() {
    long only = Long.getLong("keys.seed", -1);
    long first = only >= 0 ? only : 1;
    long last = only >= 0 ? only : RUNS;
    for (long seed = first; seed <= last; seed++) {
      try (OnRocks tested = new OnRocks(root.resolve("state-" + seed))) {
        new KeyModelRun(seed, tested).run(COMMANDS);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay: -Dtest=RocksKeyModelTest -Dkeys.seed=" + seed, e);
      }
    }
  }

  private static final class OnRocks implements KeyModelRun.TestedStore, AutoCloseable {
    private final RocksStateStore store;
    private KeyReading reading;

    OnRocks(Path dir) {
      store = RocksStateStore.open(dir);
      reading = store.openKeys();
    }

    @Override
    public StateStore state() {
      return store;
    }

    @Override
    public KeyStore keys() {
      return store.keys();
    }

    @Override
    public void commit() {
      store.commit(store.appliedIndex() + 1, 1);
    }

    @Override
    public KeyView committed() {
      reading.close();
      reading = store.openKeys();
      return reading;
    }

    @Override
    public void close() {
      reading.close();
      store.close();
    }
  }
}
