package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What happened to all keys, revision by revision, put together from the canonical watches of all
 * members. Each change of a key takes the next revision, so a hole shows.
 */
public final class CanonicalLog {
  /** The revision of the first change that an empty cluster makes. */
  static final long FIRST_REVISION = 2;

  private final NavigableMap<Long, Change> changes = new TreeMap<>();
  private final NavigableMap<Long, Long> seenNanos = new TreeMap<>();
  private final List<Violation> conflicts = new ArrayList<>();
  private final boolean recorded;

  private CanonicalLog(boolean recorded) {
    this.recorded = recorded;
  }

  /**
   * All that happened at one revision.
   *
   * @param told who told it first
   */
  record Change(long revision, List<Event> events, WatchAnswer told) {}

  static CanonicalLog of(History history) {
    Map<Long, WatchOpened> streams = new HashMap<>();
    for (WatchOpened opened : history.all(WatchOpened.class)) {
      if (opened.canonical()) {
        streams.put(opened.stream(), opened);
      }
    }
    CanonicalLog log = new CanonicalLog(!streams.isEmpty());
    Map<Long, Long> reached = new HashMap<>();
    for (WatchAnswer answer : history.all(WatchAnswer.class)) {
      WatchOpened opened = streams.get(answer.stream());
      if (opened != null) {
        log.add(opened, answer, reached);
      }
    }
    log.noteWhenSeen(history);
    return log;
  }

  private void add(WatchOpened opened, WatchAnswer answer, Map<Long, Long> reached) {
    NavigableMap<Long, List<Event>> byRevision = new TreeMap<>();
    for (Event event : answer.events()) {
      byRevision
          .computeIfAbsent(event.revision(), revision -> new ArrayList<>())
          .add(new Event(event.type(), event.now(), null));
    }
    for (Map.Entry<Long, List<Event>> at : byRevision.entrySet()) {
      long revision = at.getKey();
      long next = reached.getOrDefault(opened.stream(), opened.firstRevision() - 1) + 1;
      if (revision != next) {
        conflict(
            "the canonical watch on "
                + opened.node()
                + " tells of revision "
                + revision
                + " where "
                + next
                + " was next",
            opened,
            answer);
      }
      reached.put(opened.stream(), revision);
      Change change = new Change(revision, List.copyOf(at.getValue()), answer);
      Change known = changes.putIfAbsent(revision, change);
      if (known != null && !known.events().equals(change.events())) {
        conflict(
            "two watches tell different things about revision " + revision, known.told(), answer);
      }
    }
  }

  private void conflict(String message, Entry... proof) {
    conflicts.add(new Violation(message, List.of(proof)));
  }

  private void noteWhenSeen(History history) {
    NavigableMap<Long, Long> first = new TreeMap<>();
    for (Op op : history.ops()) {
      if (op.revision() > 0) {
        first.merge(op.revision(), op.returnedNanos(), Math::min);
      }
    }
    for (WatchAnswer answer : history.all(WatchAnswer.class)) {
      for (Event event : answer.events()) {
        first.merge(event.revision(), answer.atNanos(), Math::min);
      }
    }
    long earliest = Long.MAX_VALUE;
    for (Map.Entry<Long, Long> seen : first.descendingMap().entrySet()) {
      earliest = Math.min(earliest, seen.getValue());
      seenNanos.put(seen.getKey(), earliest);
    }
  }

  /** Whether anybody recorded one. */
  public boolean isRecorded() {
    return recorded;
  }

  /** Sorted by revision. */
  Iterable<Change> changes() {
    return changes.values();
  }

  boolean has(long revision) {
    return changes.containsKey(revision);
  }

  /** The last revision that is known, 1 if nothing ever changed. */
  public long last() {
    return changes.isEmpty() ? FIRST_REVISION - 1 : changes.lastKey();
  }

  /** Where members told different things, or left something out. */
  List<Violation> conflicts() {
    return conflicts;
  }

  /** Why this log is no witness for the whole run; empty if it is. */
  String incompleteness() {
    if (!recorded) {
      return "no canonical watch was recorded";
    }
    long next = FIRST_REVISION;
    for (long revision : changes.keySet()) {
      if (revision != next) {
        return "the canonical log has nothing from revision " + next + " to " + (revision - 1);
      }
      next++;
    }
    return "";
  }

  /**
   * When anybody is first known to have seen this revision or a later one; so all that it did was
   * done by then. The largest number if nobody did.
   */
  long firstSeenNanos(long revision) {
    Map.Entry<Long, Long> seen = seenNanos.ceilingEntry(revision);
    return seen == null ? Long.MAX_VALUE : seen.getValue();
  }
}
