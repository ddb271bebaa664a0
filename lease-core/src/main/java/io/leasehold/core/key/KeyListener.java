package io.leasehold.core.key;

import java.util.List;

/** Hears of changes of keys as they are applied. Called on the apply thread; must not block. */
public interface KeyListener {
  /** Hears nothing. */
  KeyListener NONE =
      new KeyListener() {
        @Override
        public void changed(long revision, List<KeyEvent> events) {}

        @Override
        public void compacted(long revision) {}
      };

  /**
   * The keys changed at {@code revision}: called once for each revision, in order, when its changes
   * are written and before they are committed.
   */
  void changed(long revision, List<KeyEvent> events);

  /** History before {@code revision} is gone. */
  void compacted(long revision);

  /**
   * The key space was replaced by another, now at {@code revision}, and its changes were not told:
   * whoever follows it must look again. Told in the order of the other calls.
   */
  default void reset(long revision) {}
}
