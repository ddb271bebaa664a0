package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchClosed;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * P8: every watch tells of what it asked for, from its start on: all of it, in order, once, one
 * revision in one answer, with the right values before and after; progress is reported only where
 * all was told; a watch is cancelled for compaction only if its start was compacted.
 */
final class Watches implements Checker {
  private static final String PROPERTY = "P8";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    History history = evidence.history();
    List<WatchOpened> streams = history.all(WatchOpened.class);
    if (streams.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "nobody watched");
    }
    Findings findings = new Findings(PROPERTY);
    evidence.log().conflicts().forEach(findings::violated);
    if (!evidence.log().incompleteness().isEmpty()) {
      findings.unknown(evidence.log().incompleteness());
      return findings.verdict();
    }
    Map<Long, List<WatchAnswer>> answers = new HashMap<>();
    for (WatchAnswer answer : history.all(WatchAnswer.class)) {
      answers.computeIfAbsent(answer.stream(), stream -> new ArrayList<>()).add(answer);
    }
    Map<Long, WatchClosed> closed = new HashMap<>();
    history.all(WatchClosed.class).forEach(each -> closed.put(each.stream(), each));
    Truth truth = new Truth(evidence, parameters);
    long events = 0;
    for (WatchOpened opened : streams) {
      Stream stream = new Stream(opened, truth, findings);
      List<WatchAnswer> told = answers.getOrDefault(opened.stream(), List.of());
      stream.judge(told, closed.get(opened.stream()));
      events += told.stream().mapToLong(answer -> answer.events().size()).sum();
    }
    findings.figure("watches", streams.size());
    findings.figure("events", events);
    return findings.verdict();
  }

  /** What happened, and what of it a watch must have told. */
  private static final class Truth {
    private final List<Event> events = new ArrayList<>();
    private final Map<Long, Integer> firstOfRevision = new HashMap<>();
    private final CanonicalLog log;
    private final History history;
    private final RunParameters parameters;
    private final long lastFaultNanos;
    private final long compacted;

    Truth(Evidence evidence, RunParameters parameters) {
      this.log = evidence.log();
      this.history = evidence.history();
      this.parameters = parameters;
      this.lastFaultNanos =
          history.faults().stream().mapToLong(FaultWindow::toNanos).max().orElse(0);
      long highest = 0;
      for (Op op : history.ops()) {
        if (op.mayHaveHappened() && op.request() instanceof Request.Compact compact) {
          highest = Math.max(highest, compact.revision());
        }
      }
      this.compacted = highest;
      KeyModel model = new KeyModel();
      for (CanonicalLog.Change change : log.changes()) {
        firstOfRevision.put(change.revision(), events.size());
        for (Event event : change.events()) {
          events.add(new Event(event.type(), event.now(), model.get(event.key())));
        }
        model.apply(change.events());
      }
    }

    int indexOf(long revision) {
      return revision > log.last()
          ? events.size()
          : firstOfRevision.getOrDefault(Math.max(revision, CanonicalLog.FIRST_REVISION), 0);
    }

    /**
     * Whether a watch that ended then must have told of this revision. A member that comes back has
     * to find out first what happened, and a watch that just began has to be served like any other.
     */
    boolean wasDue(long revision, WatchOpened opened, long closedNanos) {
      long until = closedNanos - parameters.watchLagNanosMax();
      boolean hasRecovered =
          lastFaultNanos == 0 || lastFaultNanos + parameters.recoveryNanosMax() <= closedNanos;
      return hasRecovered
          && lastFaultNanos <= until
          && opened.atNanos() <= until
          && log.firstSeenNanos(revision) <= until;
    }
  }

  /** Follows one watch through what happened. */
  private static final class Stream {
    private final WatchOpened opened;
    private final Truth truth;
    private final Findings findings;
    private int next;
    private long told;
    private long header;

    Stream(WatchOpened opened, Truth truth, Findings findings) {
      this.opened = opened;
      this.truth = truth;
      this.findings = findings;
      this.next = truth.indexOf(opened.firstRevision());
    }

    void judge(List<WatchAnswer> answers, @Nullable WatchClosed closed) {
      for (WatchAnswer answer : answers) {
        if (!judge(answer)) {
          // One mistake makes all that follows look wrong.
          return;
        }
      }
      Event missing = nextWanted();
      long closedNanos = closed == null ? truth.history.endNanos() : closed.atNanos();
      if (closed != null && closed.compactRevision() > 0) {
        judgeCompaction(closed);
      } else if (missing != null && truth.wasDue(missing.revision(), opened, closedNanos)) {
        findings.violated(
            "%s never told of revision %d".formatted(name(), missing.revision()), opened, closed);
      }
    }

    private void judgeCompaction(WatchClosed closed) {
      if (closed.compactRevision() > truth.compacted) {
        findings.violated(
            "%s was cancelled for a compaction at %d, which nobody asked for"
                .formatted(name(), closed.compactRevision()),
            opened,
            closed);
      } else if (Math.max(opened.firstRevision(), told + 1) >= closed.compactRevision()) {
        findings.violated(
            "%s was cancelled for a compaction at %d, though it needed nothing before %d"
                .formatted(
                    name(), closed.compactRevision(), Math.max(opened.firstRevision(), told + 1)),
            opened,
            closed);
      }
    }

    private boolean judge(WatchAnswer answer) {
      if (answer.revision() < header) {
        return wrong("goes back from header revision " + header, answer);
      }
      header = answer.revision();
      for (Event event : answer.events()) {
        if (event.revision() > truth.log.last()) {
          findings.unknown("the canonical log ends at revision " + truth.log.last());
          return false;
        }
        if (!judge(event, answer)) {
          return false;
        }
      }
      Event wanted = nextWanted();
      if (wanted != null && wanted.revision() == told && !answer.isProgress()) {
        return wrong("tells of revision " + told + " in parts", answer);
      }
      if (wanted != null && wanted.revision() <= answer.revision() && answer.isProgress()) {
        return wrong(
            "says that all was told up to %d, without %d"
                .formatted(answer.revision(), wanted.revision()),
            answer);
      }
      return true;
    }

    private boolean judge(Event event, WatchAnswer answer) {
      if (event.revision() > answer.revision()) {
        return wrong("tells of a revision that its header has not reached", answer);
      }
      Event wanted = nextWanted();
      if (wanted == null || !sameButBefore(wanted, event)) {
        return wrong(mistake(event, wanted), answer);
      }
      next++;
      told = event.revision();
      KeyValue before = event.before();
      boolean mayLackIt = !opened.previous() || event.revision() - 1 < truth.compacted;
      boolean right =
          before == null
              ? mayLackIt || wanted.before() == null
              : opened.previous() && before.equals(wanted.before());
      return right || wrong("shows " + before + " before " + wanted, answer);
    }

    private String mistake(Event event, @Nullable Event wanted) {
      if (!opened.wants(event)) {
        return "tells of " + event + ", which it did not ask for";
      }
      if (event.revision() < opened.firstRevision()) {
        return "tells of revision " + event.revision() + ", before its start";
      }
      if (wanted == null || event.revision() < wanted.revision()) {
        return "tells of " + event + " again, or too late, or of what never happened";
      }
      if (event.revision() > wanted.revision()) {
        return "leaves out revision " + wanted.revision();
      }
      return "tells of " + event + " where " + wanted + " happened";
    }

    private static boolean sameButBefore(Event one, Event other) {
      return one.type() == other.type() && one.now().equals(other.now());
    }

    private @Nullable Event nextWanted() {
      while (next < truth.events.size() && !opened.wants(truth.events.get(next))) {
        next++;
      }
      return next < truth.events.size() ? truth.events.get(next) : null;
    }

    private boolean wrong(String mistake, WatchAnswer answer) {
      findings.violated(name() + " " + mistake, opened, answer);
      return false;
    }

    private String name() {
      return "watch " + opened.stream() + " on " + opened.node();
    }
  }
}
