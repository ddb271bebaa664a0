package io.leasehold.server.watch;

import io.leasehold.core.key.KeyView;
import java.util.function.Consumer;

/** Reads the key space as this member has committed it. Any thread; blocks on disk. */
@FunctionalInterface
public interface HistoryReads {
  /**
   * Opens a view, hands it to the action and closes it.
   *
   * @throws RuntimeException when the storage fails or is closed
   */
  void read(Consumer<KeyView> action);
}
