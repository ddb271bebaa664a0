package io.leasehold.core.key;

import io.leasehold.core.state.MemoryStore;
import io.leasehold.core.state.StateStore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random commands on the store in memory. {@code -Dkeys.seed} repeats a run, {@code -Dkeys.runs}
 * and {@code -Dkeys.commands} make it longer.
 */
class KeyModelTest {
  private static final int RUNS = Integer.getInteger("keys.runs", 30);
  private static final int COMMANDS = Integer.getInteger("keys.commands", 120);

  @Test
  @Timeout(value = 10, unit = TimeUnit.MINUTES)
  void theKeySpaceDoesWhatTheNaiveOneSays() {
    long only = Long.getLong("keys.seed", -1);
    long first = only >= 0 ? only : 1;
    long last = only >= 0 ? only : RUNS;
    for (long seed = first; seed <= last; seed++) {
      try {
        new KeyModelRun(seed, new InMemory()).run(COMMANDS);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("replay: -Dtest=KeyModelTest -Dkeys.seed=" + seed, e);
      }
    }
  }

  private static final class InMemory implements KeyModelRun.TestedStore {
    private final MemoryStore store = new MemoryStore();

    @Override
    public StateStore state() {
      return store;
    }

    @Override
    public KeyStore keys() {
      return store.keys();
    }

    @Override
    public void commit() {}

    @Override
    public KeyView committed() {
      return store.keys().copy();
    }
  }
}
