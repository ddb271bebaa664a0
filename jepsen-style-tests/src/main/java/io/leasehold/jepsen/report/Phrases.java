package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Counter;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.FencedWrite;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Stall;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchClosed;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Says in words what was recorded. */
final class Phrases {
  /** Long answers are cut: the whole one is in the history. */
  private static final int LENGTH_MAX = 360;

  private static final int LISTED_MAX = 6;

  private Phrases() {}

  /** What kind of request it is: operations of one kind are plotted together. */
  static String kind(Request request) {
    if (request instanceof Request.Grant) {
      return "grant";
    } else if (request instanceof Request.Renew) {
      return "renew";
    } else if (request instanceof Request.Revoke) {
      return "revoke";
    } else if (request instanceof Request.TimeToLive) {
      return "time to live";
    } else if (request instanceof Request.ListLeases) {
      return "list leases";
    } else if (request instanceof Request.Put) {
      return "put";
    } else if (request instanceof Request.Delete) {
      return "delete";
    } else if (request instanceof Request.Range range) {
      return range.serializable() ? "read of one member" : "read";
    } else if (request instanceof Request.Txn) {
      return "transaction";
    } else if (request instanceof Request.Compact) {
      return "compact";
    } else if (request instanceof Request.Acquire) {
      return "lock";
    } else if (request instanceof Request.Release) {
      return "unlock";
    }
    throw new IllegalArgumentException("a request of no known kind: " + request);
  }

  static String of(Request request) {
    return cut(kind(request) + " " + arguments(request));
  }

  private static String arguments(Request request) {
    if (request instanceof Request.Grant grant) {
      return (grant.leaseId() == 0 ? "a lease" : "lease " + grant.leaseId())
          + " for "
          + grant.ttlSeconds()
          + " s";
    } else if (request instanceof Request.Acquire acquire) {
      return acquire.lock() + " with lease " + acquire.leaseId();
    } else if (request instanceof Request.OnLease about) {
      return "lease " + about.leaseId();
    } else if (request instanceof Request.Put put) {
      return put.key() + " = " + put.value() + withLease(put.leaseId());
    } else if (request instanceof Request.Delete delete) {
      return range(delete.range());
    } else if (request instanceof Request.Range read) {
      return range(read.range())
          + (read.revision() == 0 ? "" : " at revision " + read.revision())
          + (read.limit() == 0 ? "" : ", at most " + read.limit())
          + (read.countOnly() ? ", count only" : "");
    } else if (request instanceof Request.Txn txn) {
      return "if "
          + list(txn.guards(), Phrases::guard)
          + " then "
          + list(txn.then(), Phrases::of)
          + " else "
          + list(txn.otherwise(), Phrases::of);
    } else if (request instanceof Request.Compact compact) {
      return "up to revision " + compact.revision();
    } else if (request instanceof Request.Release release) {
      return release.lock() + ", token " + release.token();
    }
    return "";
  }

  static String of(Answer answer) {
    return cut(whole(answer));
  }

  private static String whole(Answer answer) {
    if (answer instanceof Answer.Granted granted) {
      return "lease " + granted.leaseId() + " for " + granted.ttlSeconds() + " s";
    } else if (answer instanceof Answer.Renewed renewed) {
      return renewed.isAlive() ? "for " + renewed.ttlSeconds() + " s" : "it is gone";
    } else if (answer instanceof Answer.Revoked) {
      return "it is ended";
    } else if (answer instanceof Answer.TimeLeft left) {
      return left.isGone()
          ? "it is gone"
          : left.remainingSeconds()
              + " s left of "
              + left.ttlSeconds()
              + " s"
              + (left.keys().isEmpty() ? "" : ", keys " + list(left.keys(), key -> key));
    } else if (answer instanceof Answer.Leases leases) {
      return "leases " + list(leases.ids(), String::valueOf);
    } else if (answer instanceof Answer.Written written) {
      KeyValue previous = written.previous();
      return "written" + (previous == null ? "" : "; before: " + value(previous));
    } else if (answer instanceof Answer.Deleted deleted) {
      return Quantities.count(deleted.count(), "key") + " deleted";
    } else if (answer instanceof Answer.Ranged ranged) {
      return Quantities.count(ranged.count(), "key")
          + (ranged.found().isEmpty() ? "" : ": " + list(ranged.found(), Phrases::value));
    } else if (answer instanceof Answer.Decided decided) {
      return (decided.succeeded() ? "then: " : "else: ") + list(decided.parts(), Phrases::of);
    } else if (answer instanceof Answer.Compacted) {
      return "history is forgotten";
    } else if (answer instanceof Answer.Acquired acquired) {
      return "held as " + acquired.lockKey() + ", token " + acquired.token();
    } else if (answer instanceof Answer.Released) {
      return "given back";
    }
    throw new IllegalArgumentException("an answer of no known kind: " + answer);
  }

  /** What came of the operation. */
  static String outcome(Op op) {
    Answer answer = op.answer();
    return answer != null
        ? "ok: " + of(answer)
        : op.result().name().toLowerCase(Locale.ROOT) + ": " + cut(op.error());
  }

  /** Who said it. */
  static String source(Entry entry) {
    if (entry instanceof Op op) {
      return "client " + op.process() + " → " + op.node();
    } else if (entry instanceof MemberState state) {
      return "member " + state.node();
    } else if (entry instanceof WatchOpened opened) {
      return "watch " + opened.stream() + " on " + opened.node();
    } else if (entry instanceof WatchAnswer answer) {
      return "watch " + answer.stream();
    } else if (entry instanceof WatchClosed closed) {
      return "watch " + closed.stream();
    } else if (entry instanceof FencedWrite) {
      return "store outside";
    } else if (entry instanceof FaultWindow) {
      return "nemesis";
    } else if (entry instanceof Counter counter) {
      return counter.node();
    }
    return "harness";
  }

  /** What was said, without who and when. */
  static String of(Entry entry) {
    return cut(whole(entry));
  }

  private static String whole(Entry entry) {
    if (entry instanceof Op op) {
      return of(op.request()) + " → " + outcome(op);
    } else if (entry instanceof MemberState state) {
      return (state.leader() ? "leads term " : "follows in term ")
          + state.term()
          + ", applied index "
          + state.appliedIndex()
          + ", revision "
          + state.revision()
          + (state.leases() < 0 ? "" : ", " + Quantities.count(state.leases(), "lease"))
          + (state.digest().isEmpty() ? "" : ", digest " + state.digest());
    } else if (entry instanceof WatchOpened opened) {
      return "watches " + range(opened.range()) + " from revision " + opened.firstRevision();
    } else if (entry instanceof WatchAnswer answer) {
      return "told"
          + (answer.isProgress() ? " of progress" : ": " + list(answer.events(), Phrases::event))
          + ", at revision "
          + answer.revision();
    } else if (entry instanceof WatchClosed closed) {
      return "closed"
          + (closed.compactRevision() == 0 ? "" : ", compacted at " + closed.compactRevision())
          + (closed.reason().isEmpty() ? "" : ": " + closed.reason());
    } else if (entry instanceof FencedWrite write) {
      return (write.accepted() ? "accepted" : "refused")
          + " write "
          + write.sequence()
          + " of "
          + write.resource()
          + " with token "
          + write.token();
    } else if (entry instanceof FaultWindow fault) {
      return fault(fault);
    } else if (entry instanceof Stall) {
      return "did not run itself";
    } else if (entry instanceof Phase phase) {
      return "part " + phase.name() + " begins";
    } else if (entry instanceof Counter counter) {
      return counter.name() + " = " + Quantities.number(counter.value());
    }
    throw new IllegalArgumentException("a line of no known kind: " + entry);
  }

  /** A fault by its kind and the members that it hit. */
  static String fault(FaultWindow fault) {
    return kindOfFault(fault.kind()) + (fault.target().isEmpty() ? "" : ": " + fault.target());
  }

  static String kindOfFault(String kind) {
    return kind.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static String event(Event event) {
    return event.type() == Event.Type.PUT
        ? "put " + value(event.now())
        : "delete " + event.key() + " (revision " + event.revision() + ")";
  }

  private static String value(KeyValue found) {
    return found.key()
        + " = "
        + found.value()
        + " (revision "
        + found.modRevision()
        + ", version "
        + found.version()
        + withLease(found.leaseId())
        + ")";
  }

  private static String withLease(long leaseId) {
    return leaseId == 0 ? "" : ", lease " + leaseId;
  }

  private static String guard(Request.Guard guard) {
    String relation =
        switch (guard.relation()) {
          case EQUAL -> "=";
          case NOT_EQUAL -> "≠";
          case LESS -> "<";
          case GREATER -> ">";
        };
    return guard.target().name().toLowerCase(Locale.ROOT)
        + " of "
        + guard.key()
        + " "
        + relation
        + " "
        + (guard.target() == Request.Target.VALUE ? guard.value() : guard.number());
  }

  private static String range(KeyRange range) {
    if (range.isOneKey()) {
      return range.key();
    } else if (range.equals(KeyRange.all())) {
      return "all keys";
    }
    return "from "
        + range.key()
        + (range.end().equals(KeyRange.NO_END) ? " on" : " to " + range.end());
  }

  private static <T> String list(List<T> values, Function<? super T, String> phrase) {
    if (values.isEmpty()) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(LISTED_MAX, values.size()); i++) {
      text.append(i == 0 ? "" : "; ").append(phrase.apply(values.get(i)));
    }
    int more = values.size() - LISTED_MAX;
    return more > 0 ? text + " and " + more + " more" : text.toString();
  }

  private static String cut(String text) {
    return text.length() <= LENGTH_MAX ? text : text.substring(0, LENGTH_MAX) + " …";
  }
}
