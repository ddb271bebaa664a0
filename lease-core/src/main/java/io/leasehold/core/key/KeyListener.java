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
        public void deletedAttached(long revision, long leaseId) {}

        @Override
        public void compacted(long revision) {}
      };

  /**
   * The keys changed at {@code revision}: called once for each revision, in order, when its changes
   * are written and before they are committed.
   */
  void changed(long revision, List<KeyEvent> events);

  /**
   * The keys attached to a lease were deleted at {@code revision}, and there are so many that they
   * are not named: called instead of {@link #changed} for this revision. History tells which.
   */
  void deletedAttached(long revision, long leaseId);

  /** History before {@code revision} is gone. */
  void compacted(long revision);

  /**
   * The key space was replaced by another, now at {@code revision}, and its changes were not told:
   * whoever follows it must look again. Told in the order of the other calls.
   */
  default void reset(long revision) {}
}
