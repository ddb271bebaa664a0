package io.leasehold.server.watch;

import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyView;
import java.util.function.Consumer;

/** Reads the key space as this member has committed it. */
@FunctionalInterface
public interface HistoryReads {
  /**
   * Opens a view of this moment, to be closed by the caller. Any thread; does not block, but
   * reading does, on the disk.
   *
   * @throws RuntimeException when the storage fails or is closed
   */
  KeyReading open();

  /** Opens a view, hands it to the action and closes it. Any thread; blocks on disk. */
  default void read(Consumer<KeyView> action) {
    try (KeyReading view = open()) {
      action.accept(view);
    }
  }
}
