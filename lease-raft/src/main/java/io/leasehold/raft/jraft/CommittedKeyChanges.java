package io.leasehold.raft.jraft;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import java.util.ArrayList;
import java.util.List;

/**
 * Holds changes of keys back until they are committed, so that whoever hears of them can read them.
 *
 * <p>Apply thread, but for {@link #listener}.
 */
final class CommittedKeyChanges implements KeyListener {
  private final List<Runnable> held = new ArrayList<>();
  private volatile KeyListener listener = KeyListener.NONE;

  /** Hands on to this listener from now on. Any thread. */
  void listener(KeyListener newListener) {
    listener = newListener;
  }

  @Override
  public void changed(long revision, List<KeyEvent> events) {
    held.add(() -> listener.changed(revision, events));
  }

  @Override
  public void deletedAttached(long revision, long leaseId) {
    held.add(() -> listener.deletedAttached(revision, leaseId));
  }

  @Override
  public void compacted(long revision) {
    held.add(() -> listener.compacted(revision));
  }

  /** What was held is committed. */
  void committed() {
    held.forEach(Runnable::run);
    held.clear();
  }

  @Override
  public void reset(long revision) {
    held.clear();
    listener.reset(revision);
  }
}
