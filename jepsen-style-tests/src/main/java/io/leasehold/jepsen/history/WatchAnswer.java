package io.leasehold.jepsen.history;

import java.util.List;

/**
 * One answer of a watch, put together again if it came in fragments.
 *
 * @param revision of its header
 * @param events none: a progress notification, which says that all up to the revision was told
 */
public record WatchAnswer(long stream, long revision, List<Event> events, long atNanos)
    implements Entry {
  public WatchAnswer {
    events = List.copyOf(events);
  }

  public boolean isProgress() {
    return events.isEmpty();
  }
}
