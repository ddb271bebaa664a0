package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Counter;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.FencedWrite;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Stall;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchClosed;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.Optional;

/** When the lines of a history were. */
final class Spans {
  private Spans() {}

  /** From one time to another, which may be the same. */
  record Span(long fromNanos, long toNanos) {
    static Span at(long nanos) {
      return new Span(nanos, nanos);
    }

    boolean overlaps(long sinceNanos, long untilNanos) {
      return fromNanos <= untilNanos && toNanos >= sinceNanos;
    }
  }

  /** Empty for what has no time, such as a counter. */
  static Optional<Span> of(Entry entry) {
    if (entry instanceof Op op) {
      return Optional.of(new Span(op.invokedNanos(), op.returnedNanos()));
    } else if (entry instanceof FaultWindow fault) {
      return Optional.of(new Span(fault.fromNanos(), fault.toNanos()));
    } else if (entry instanceof Stall stall) {
      return Optional.of(new Span(stall.fromNanos(), stall.toNanos()));
    } else if (entry instanceof Phase phase) {
      return Optional.of(Span.at(phase.atNanos()));
    } else if (entry instanceof MemberState state) {
      return Optional.of(Span.at(state.atNanos()));
    } else if (entry instanceof FencedWrite write) {
      return Optional.of(Span.at(write.atNanos()));
    } else if (entry instanceof WatchOpened opened) {
      return Optional.of(Span.at(opened.atNanos()));
    } else if (entry instanceof WatchAnswer answer) {
      return Optional.of(Span.at(answer.atNanos()));
    } else if (entry instanceof WatchClosed closed) {
      return Optional.of(Span.at(closed.atNanos()));
    } else if (entry instanceof Counter) {
      return Optional.empty();
    }
    throw new IllegalArgumentException("a line of no known kind: " + entry);
  }
}
