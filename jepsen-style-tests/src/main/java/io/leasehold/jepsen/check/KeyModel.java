package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys at one revision, and what each request would do to them. Says what a correct cluster
 * answers; written to be read, not to be fast. Confined to one thread.
 */
final class KeyModel {
  private final NavigableMap<String, KeyValue> keys = new TreeMap<>();
  private final Map<Long, Set<String>> attached = new HashMap<>();

  /** What a request would do and answer. */
  record Run(List<Event> events, Answer answer) {}

  @Nullable KeyValue get(String key) {
    return keys.get(key);
  }

  Collection<KeyValue> all() {
    return keys.values();
  }

  /** The keys that hang on a lease. */
  Set<String> attachedTo(long leaseId) {
    return attached.getOrDefault(leaseId, Set.of());
  }

  /** Makes what was told of one revision true. */
  void apply(List<Event> events) {
    for (Event event : events) {
      if (event.type() == Event.Type.PUT) {
        set(event.key(), event.now());
      } else {
        set(event.key(), null);
      }
    }
  }

  /** What this request would do as the one that makes this revision. Changes nothing. */
  Run run(Request.OnKeys request, long revision) {
    List<Event> events = new ArrayList<>();
    Map<String, @Nullable KeyValue> undo = new TreeMap<>();
    Answer answer = execute(request, revision, events, undo);
    undo.forEach(this::set);
    return new Run(events, answer);
  }

  private Answer execute(
      Request.OnKeys request,
      long revision,
      List<Event> events,
      Map<String, @Nullable KeyValue> undo) {
    if (request instanceof Request.Put put) {
      return put(put, revision, events, undo);
    } else if (request instanceof Request.Delete delete) {
      return delete(delete, revision, events, undo);
    } else if (request instanceof Request.Range range) {
      return read(range);
    }
    Request.Txn txn = (Request.Txn) request;
    boolean succeeded = txn.guards().stream().allMatch(this::holds);
    List<Answer> parts = new ArrayList<>();
    for (Request.OnKeys part : txn.branch(succeeded)) {
      parts.add(execute(part, revision, events, undo));
    }
    return new Answer.Decided(succeeded, parts);
  }

  private Answer put(
      Request.Put put, long revision, List<Event> events, Map<String, @Nullable KeyValue> undo) {
    KeyValue before = keys.get(put.key());
    KeyValue now =
        new KeyValue(
            put.key(),
            put.value(),
            before == null ? revision : before.createRevision(),
            revision,
            before == null ? 1 : before.version() + 1,
            put.leaseId());
    change(put.key(), now, undo);
    events.add(Event.put(now));
    return new Answer.Written(put.previous() ? before : null);
  }

  private Answer delete(
      Request.Delete delete,
      long revision,
      List<Event> events,
      Map<String, @Nullable KeyValue> undo) {
    List<KeyValue> gone = List.copyOf(in(delete.range()));
    for (KeyValue each : gone) {
      change(each.key(), null, undo);
      events.add(Event.delete(each.key(), revision));
    }
    return new Answer.Deleted(gone.size(), delete.previous() ? gone : List.of());
  }

  Answer.Ranged read(Request.Range range) {
    List<KeyValue> found = new ArrayList<>(in(range.range()));
    long count = found.size();
    found.sort(order(range.order()));
    boolean more = range.limit() > 0 && count > range.limit();
    if (more) {
      found = found.subList(0, (int) range.limit());
    }
    return new Answer.Ranged(
        range.countOnly() ? List.of() : found, count, more && !range.countOnly());
  }

  private static Comparator<KeyValue> order(Request.Order order) {
    // The sort is stable, so keys with equal numbers stay in the order of their names.
    return switch (order) {
      case KEY -> Comparator.comparing(KeyValue::key);
      case CREATE_ASCENDING -> Comparator.comparingLong(KeyValue::createRevision);
      case CREATE_DESCENDING -> Comparator.comparingLong(KeyValue::createRevision).reversed();
      case MOD_ASCENDING -> Comparator.comparingLong(KeyValue::modRevision);
      case MOD_DESCENDING -> Comparator.comparingLong(KeyValue::modRevision).reversed();
    };
  }

  private Collection<KeyValue> in(KeyRange range) {
    if (range.isOneKey()) {
      KeyValue found = keys.get(range.key());
      return found == null ? List.of() : List.of(found);
    }
    if (range.end().equals(KeyRange.NO_END)) {
      return keys.tailMap(range.key(), true).values();
    }
    return range.end().compareTo(range.key()) < 0
        ? List.of()
        : keys.subMap(range.key(), true, range.end(), false).values();
  }

  private boolean holds(Request.Guard guard) {
    KeyValue found = keys.get(guard.key());
    if (guard.target() == Request.Target.VALUE) {
      return found != null && holds(guard.relation(), found.value().compareTo(guard.value()));
    }
    long number = found == null ? 0 : number(found, guard.target());
    return holds(guard.relation(), Long.compare(number, guard.number()));
  }

  private static long number(KeyValue found, Request.Target target) {
    return switch (target) {
      case VERSION -> found.version();
      case CREATE -> found.createRevision();
      case MOD -> found.modRevision();
      case LEASE -> found.leaseId();
      case VALUE -> throw new IllegalArgumentException("a value is no number");
    };
  }

  private static boolean holds(Request.Relation relation, int comparison) {
    return switch (relation) {
      case EQUAL -> comparison == 0;
      case NOT_EQUAL -> comparison != 0;
      case LESS -> comparison < 0;
      case GREATER -> comparison > 0;
    };
  }

  private void change(String key, @Nullable KeyValue now, Map<String, @Nullable KeyValue> undo) {
    if (!undo.containsKey(key)) {
      undo.put(key, keys.get(key));
    }
    set(key, now);
  }

  private void set(String key, @Nullable KeyValue now) {
    KeyValue before = now == null ? keys.remove(key) : keys.put(key, now);
    if (before != null && before.leaseId() != 0) {
      Set<String> rest = attached.get(before.leaseId());
      if (rest != null && rest.remove(key) && rest.isEmpty()) {
        attached.remove(before.leaseId());
      }
    }
    if (now != null && now.leaseId() != 0) {
      attached.computeIfAbsent(now.leaseId(), id -> new TreeSet<>()).add(key);
    }
  }
}
