package io.leasehold.server.watch;

import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pass over changes for many watchers at once. A message is made once for each event that
 * somebody wants, and shared. Used by one thread at a time.
 *
 * <p>A pass ends at the end of the revision that brings it to one of its bounds, so that it costs a
 * bounded time and memory; only a revision that is larger by itself exceeds them.
 */
final class Sweep {
  /** Events looked at: some milliseconds' worth. */
  static final int EVENTS_MAX = 4096;

  /** Events found, counted for each watcher. */
  private static final int MATCHES_MAX = 20_000;

  /** Messages made. */
  private static final long BYTES_MAX = 4 << 20;

  private final RangeIndex<Collector> index;
  private final @Nullable KeyView view;
  private final long compactedRevision;
  private final List<Collector> touched = new ArrayList<>();
  private int events;
  private int matches;
  private long bytes;
  private long throughRevision;
  private long currentRevision;
  private @Nullable Event message;
  private @Nullable Event messageWithPrevious;

  /**
   * @param view where to look up what keys were before; without it, watchers that want that are
   *     told that they missed something
   */
  Sweep(RangeIndex<Collector> index, @Nullable KeyView view) {
    this.index = index;
    this.view = view;
    this.compactedRevision = view == null ? 0 : view.compactedRevision();
  }

  /** Goes over changes as far as the bounds allow. */
  void over(List<Change> changes) {
    for (Change change : changes) {
      if (isFull()) {
        return;
      }
      change.events().forEach(this::event);
      throughRevision = change.revision();
    }
  }

  /** Goes over history as far as the bounds allow. */
  void over(KeyView history, long first, long last) {
    throughRevision = last;
    history.forEachEvent(
        first,
        last,
        event -> {
          if (isFull() && event.revision() != currentRevision) {
            throughRevision = event.revision() - 1;
            return false;
          }
          currentRevision = event.revision();
          event(event);
          return true;
        });
  }

  /** Returns the revision up to which, and including which, everything was found. */
  long throughRevision() {
    return throughRevision;
  }

  /** Returns the watchers for which something was found. */
  List<Collector> touched() {
    return touched;
  }

  private boolean isFull() {
    return events >= EVENTS_MAX || matches >= MATCHES_MAX || bytes >= BYTES_MAX;
  }

  private void event(KeyEvent event) {
    events++;
    message = null;
    messageWithPrevious = null;
    index.forEachAt(event.key(), collector -> match(collector, event));
  }

  private void match(Collector collector, KeyEvent event) {
    if (!collector.wants(event)) {
      return;
    }
    if (collector.isEmpty()) {
      touched.add(collector);
    }
    matches++;
    if (!collector.watcher.spec.wantsPrevious()) {
      Event made = message;
      if (made == null) {
        made = count(EventMessages.of(event, null));
        message = made;
      }
      collector.add(event.revision(), made);
    } else if (view == null) {
      collector.miss(event.revision());
    } else {
      Event made = messageWithPrevious;
      if (made == null) {
        made = count(EventMessages.of(event, previous(view, event)));
        messageWithPrevious = made;
      }
      collector.add(event.revision(), made);
    }
  }

  private Event count(Event made) {
    bytes += made.getSerializedSize();
    return made;
  }

  private @Nullable KeyValue previous(KeyView keys, KeyEvent event) {
    boolean isCreation = event instanceof KeyEvent.Put put && put.keyValue().version() == 1;
    long before = event.revision() - 1;
    return isCreation || before < compactedRevision ? null : keys.get(event.key(), before);
  }
}
