package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.WatchAnswer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Collects for every lease what proves that it was there, and what proves that it was gone. Gone
 * counts only from what was asked after the grant was acknowledged: before that, it is not there
 * yet.
 */
final class LeaseLives {
  private final Map<Long, LeaseLife> lives = new LinkedHashMap<>();

  private LeaseLives() {}

  static LeaseLives of(History history, CanonicalLog log, Causes causes) {
    LeaseLives collected = new LeaseLives();
    for (Op op : history.ops()) {
      Answer.Granted granted = op.answered(Answer.Granted.class);
      if (granted != null) {
        collected.life(granted.leaseId()).granted(op, granted.ttlSeconds());
      }
    }
    for (Op op : history.ops()) {
      collected.read(op);
    }
    collected.readLists(history);
    collected.readDeaths(history, log, causes);
    return collected;
  }

  Collection<LeaseLife> all() {
    return lives.values();
  }

  @Nullable LeaseLife get(long leaseId) {
    return lives.get(leaseId);
  }

  private LeaseLife life(long leaseId) {
    return lives.computeIfAbsent(leaseId, LeaseLife::new);
  }

  private void read(Op op) {
    if (op.request() instanceof Request.OnLease about && about.leaseId() != 0) {
      readAnswerAboutLease(op, life(about.leaseId()));
    }
    if (op.isOk()) {
      Writes.forEachDone(op, (request, answer) -> readKeys(op, request, answer));
    } else if (op.refusedForWantOfItsLease()) {
      // Of several puts it is not known whose lease was not there.
      Set<Long> named = new HashSet<>();
      Writes.forEachPart(
          op.request(),
          part -> {
            if (part instanceof Request.Put put && put.leaseId() != 0) {
              named.add(put.leaseId());
            }
          });
      if (named.size() == 1) {
        sawDead(life(named.iterator().next()), op);
      }
    }
  }

  private static void readAnswerAboutLease(Op op, LeaseLife life) {
    if (op.request() instanceof Request.Renew) {
      life.renewalTried(op);
    } else if (op.request() instanceof Request.Revoke) {
      life.revokeTried(op);
    }
    Answer answer = op.answer();
    if (op.refusedForWantOfItsLease()
        || answer instanceof Answer.Revoked
        || (answer instanceof Answer.Renewed renewed && !renewed.isAlive())
        || (answer instanceof Answer.TimeLeft left && left.isGone())) {
      sawDead(life, op);
    } else if (answer instanceof Answer.Acquired
        || (answer instanceof Answer.TimeLeft left && left.isAlive())) {
      life.alive(LeaseLife.Sighting.of(op));
    }
  }

  private void readKeys(Op op, Request.OnKeys request, Answer answer) {
    if (request instanceof Request.Put put && put.leaseId() != 0) {
      life(put.leaseId()).alive(LeaseLife.Sighting.of(op));
    } else if (request instanceof Request.Range range
        && !range.serializable()
        && range.revision() == 0
        && answer instanceof Answer.Ranged ranged) {
      for (KeyValue found : ranged.found()) {
        if (found.leaseId() != 0) {
          life(found.leaseId()).alive(LeaseLife.Sighting.of(op));
        }
      }
    }
  }

  private static void sawDead(LeaseLife life, Op op) {
    if (life.isKnownGrantedBefore(op)) {
      life.dead(LeaseLife.Sighting.of(op));
    }
  }

  /** Lists show what is there and what is not. A lease is looked for until it was missed once. */
  private void readLists(History history) {
    List<Op> lists = new ArrayList<>();
    for (Op op : history.ops()) {
      if (op.isOk() && op.request() instanceof Request.ListLeases list && list.linearizable()) {
        lists.add(op);
      }
    }
    lists.sort(Comparator.comparingLong(Op::returnedNanos));
    List<LeaseLife> granted =
        new ArrayList<>(lives.values().stream().filter(life -> life.grant() != null).toList());
    granted.sort(
        Comparator.comparingLong(life -> Objects.requireNonNull(life.grant()).returnedNanos()));
    Deque<LeaseLife> notYet = new ArrayDeque<>(granted);
    Set<LeaseLife> sought = new HashSet<>();
    for (Op list : lists) {
      Set<Long> ids = new HashSet<>(((Answer.Leases) Objects.requireNonNull(list.answer())).ids());
      ids.forEach(id -> life(id).alive(LeaseLife.Sighting.of(list)));
      while (!notYet.isEmpty() && notYet.getFirst().isKnownGrantedBefore(list)) {
        sought.add(notYet.removeFirst());
      }
      for (Iterator<LeaseLife> each = sought.iterator(); each.hasNext(); ) {
        LeaseLife life = each.next();
        if (!ids.contains(life.leaseId()) && life.isKnownGrantedBefore(list)) {
          life.dead(LeaseLife.Sighting.of(list));
          each.remove();
        }
      }
    }
  }

  /** Whoever saw the revision at which its keys went, or a later one, saw that it had ended. */
  private void readDeaths(History history, CanonicalLog log, Causes causes) {
    Map<Long, Entry> witnesses = new HashMap<>();
    for (WatchAnswer answer : history.all(WatchAnswer.class)) {
      witnesses.putIfAbsent(answer.atNanos(), answer);
    }
    for (Op op : history.ops()) {
      witnesses.putIfAbsent(op.returnedNanos(), op);
    }
    causes
        .deathRevisions()
        .forEach(
            (leaseId, revision) -> {
              long seenNanos = log.firstSeenNanos(revision);
              Entry witness = witnesses.get(seenNanos);
              LeaseLife life = life(leaseId);
              if (witness != null && life.grant() != null) {
                life.dead(new LeaseLife.Sighting(witness, seenNanos, seenNanos));
              }
            });
  }
}
