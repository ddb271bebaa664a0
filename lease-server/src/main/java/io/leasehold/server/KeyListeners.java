package io.leasehold.server;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import java.util.List;

/** Hands changes of keys on to each of several. */
record KeyListeners(List<KeyListener> listeners) implements KeyListener {
  KeyListeners {
    listeners = List.copyOf(listeners);
  }

  @Override
  public void changed(long revision, List<KeyEvent> events) {
    listeners.forEach(listener -> listener.changed(revision, events));
  }

  @Override
  public void deletedAttached(long revision, long leaseId) {
    listeners.forEach(listener -> listener.deletedAttached(revision, leaseId));
  }

  @Override
  public void compacted(long revision) {
    listeners.forEach(listener -> listener.compacted(revision));
  }

  @Override
  public void reset(long revision) {
    listeners.forEach(listener -> listener.reset(revision));
  }
}
