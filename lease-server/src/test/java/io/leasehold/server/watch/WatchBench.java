package io.leasehold.server.watch;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import java.util.ArrayDeque;
import java.util.List;

/** A hub whose threads are queues: everything happens on the test's thread, when the test says. */
final class WatchBench {
  final KeyHistory keys = new KeyHistory();
  final ArrayDeque<Runnable> dispatcher = new ArrayDeque<>();
  final ArrayDeque<Runnable> readers = new ArrayDeque<>();
  final WatchHub hub;

  WatchBench() {
    this(1 << 20);
  }

  WatchBench(long recentBytesMax) {
    this.hub = new WatchHub(recentBytesMax, keys::revision, keys, dispatcher::add, readers::add);
  }

  void put(String key, String value) {
    changed(keys.put(0, value, key));
  }

  void delete(String... names) {
    changed(keys.delete(names));
  }

  /** As the end of a lease with so many keys that it does not name them. */
  void deleteUnnamed(String... names) {
    if (!keys.delete(names).isEmpty()) {
      hub.deletedAttached(keys.revision(), 7);
    }
  }

  void changed(List<KeyEvent> events) {
    if (!events.isEmpty()) {
      hub.changed(keys.revision(), events);
    }
  }

  void compact(long revision) {
    keys.compact(revision);
    hub.compacted(revision);
  }

  /** Lets the threads run until there is nothing to do. */
  void run() {
    while (!dispatcher.isEmpty() || !readers.isEmpty()) {
      Runnable task = dispatcher.isEmpty() ? readers.remove() : dispatcher.remove();
      task.run();
    }
  }

  /** Lets the dispatcher alone run until it has nothing to do. */
  void dispatch() {
    while (!dispatcher.isEmpty()) {
      dispatcher.remove().run();
    }
  }

  static KeyRange key(String name) {
    return KeyRange.single(Bytes.utf8(name));
  }

  static KeyRange prefix(String name) {
    return KeyRange.prefix(Bytes.utf8(name));
  }

  static WatchSpec withPrevious(KeyRange range, long startRevision) {
    return new WatchSpec(range, startRevision, true, true, true, false, false);
  }
}
