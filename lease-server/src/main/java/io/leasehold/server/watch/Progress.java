package io.leasehold.server.watch;

import io.leasehold.server.watch.Watcher.State;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Tells streams how far they are: when a client asks, and of watchers that have heard nothing for
 * long. Confined to the dispatcher thread.
 */
final class Progress {
  private final Set<Subscriber> awaiting = new LinkedHashSet<>();

  /** Has a stream told once all its watchers are synced; a stream without watchers is not told. */
  void request(Subscriber subscriber, long currentRevision) {
    if (!subscriber.watchers.isEmpty()) {
      subscriber.progressRevision = currentRevision;
      subscriber.nextLookRevision = 0;
      awaiting.add(subscriber);
    }
  }

  void forget(Subscriber subscriber) {
    awaiting.remove(subscriber);
  }

  /** Answers the streams that wait, as far as that can be done now. */
  void answer(long dispatchedRevision) {
    awaiting.removeIf(subscriber -> isAnswered(subscriber, dispatchedRevision));
  }

  /** Answers a wait if that can be done now; false when it must go on. */
  private static boolean isAnswered(Subscriber subscriber, long dispatchedRevision) {
    if (subscriber.watchers.isEmpty()) {
      return true;
    }
    if (!subscriber.isSynced()
        || dispatchedRevision < Math.max(subscriber.progressRevision, subscriber.nextLookRevision)
        || !subscriber.sink.isReady()) {
      return false;
    }
    for (Watcher watcher : subscriber.watchers.values()) {
      if (watcher.nextRevision > dispatchedRevision + 1) {
        subscriber.nextLookRevision = watcher.nextRevision - 1;
        return false;
      }
    }
    subscriber.sink.progress(WatchSink.NO_WATCHER, dispatchedRevision);
    return true;
  }

  /** Tells watchers that want it and have heard nothing since the last time. */
  void due(Subscriber subscriber, long dispatchedRevision) {
    for (Watcher watcher : subscriber.watchers.values()) {
      if (!watcher.spec.wantsProgress()) {
        continue;
      }
      if (watcher.isQuiet
          && watcher.state == State.SYNCED
          && watcher.nextRevision <= dispatchedRevision + 1
          && subscriber.sink.isReady()) {
        subscriber.sink.progress(watcher.id, dispatchedRevision);
      }
      watcher.isQuiet = true;
    }
  }
}
