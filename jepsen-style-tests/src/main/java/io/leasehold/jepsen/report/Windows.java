package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which parts of a run the timeline shows: all of a small one; of a larger one the beginnings and
 * ends of faults, and whatever proves a violation.
 *
 * @param whole whether nothing is left out
 * @param faultsShown how many of the run's faults have a window
 */
record Windows(List<TimeWindow> each, boolean whole, int faultsShown) {
  /** As many as a browser draws without delay. */
  static final int OPS_MAX = 10_000;

  private static final int FAULTS_SHOWN_MAX = 24;
  private static final int SLICES_MAX = 60;

  /** As many side by side as can still be told apart. */
  private static final int OPS_PER_SLICE = 250;

  private static final long SLICE_NANOS_MIN = 100_000_000;
  private static final long SLICE_NANOS_MAX = 20_000_000_000L;
  private static final long BEFORE_FAULT_NANOS = 500_000_000;
  private static final long AFTER_FAULT_NANOS = 1_500_000_000;
  private static final long AROUND_PROOF_NANOS = 250_000_000;

  Windows {
    each = List.copyOf(each);
  }

  static Windows of(History history, Proofs proofs) {
    long endNanos = Math.max(1, history.endNanos());
    long sliceNanos = sliceNanos(history, endNanos);
    if (history.ops().size() <= OPS_MAX && endNanos / sliceNanos < SLICES_MAX) {
      return new Windows(slices(endNanos, sliceNanos), true, history.faults().size());
    }
    List<Spans.Span> spans = new ArrayList<>();
    for (Entry line : proofs.lines()) {
      Optional<Spans.Span> span = Spans.of(line);
      if (span.isPresent()) {
        around(spans, span.get(), AROUND_PROOF_NANOS, AROUND_PROOF_NANOS);
      }
    }
    int shown = Math.min(FAULTS_SHOWN_MAX, history.faults().size());
    for (FaultWindow fault : history.faults().subList(0, shown)) {
      around(
          spans,
          new Spans.Span(fault.fromNanos(), fault.toNanos()),
          BEFORE_FAULT_NANOS,
          AFTER_FAULT_NANOS);
    }
    return new Windows(merged(spans, endNanos), false, shown);
  }

  /** What lasts long is shown where it begins and where it ends. */
  private static void around(List<Spans.Span> spans, Spans.Span span, long before, long after) {
    spans.add(new Spans.Span(span.fromNanos() - before, span.fromNanos() + after));
    spans.add(new Spans.Span(span.toNanos() - before, span.toNanos() + after));
  }

  private static long sliceNanos(History history, long endNanos) {
    double wanted = (double) endNanos * OPS_PER_SLICE / Math.max(1, history.ops().size());
    double bounded = Math.min(SLICE_NANOS_MAX, Math.max(SLICE_NANOS_MIN, wanted));
    return Math.min(endNanos, Math.round(Scale.step(Math.max(bounded, endNanos / 55.0))));
  }

  private static List<TimeWindow> slices(long endNanos, long sliceNanos) {
    List<TimeWindow> slices = new ArrayList<>();
    for (long from = 0; from < endNanos; from += sliceNanos) {
      slices.add(new TimeWindow(slices.size() + 1, from, from + sliceNanos));
    }
    return slices;
  }

  private static List<TimeWindow> merged(List<Spans.Span> spans, long endNanos) {
    spans.sort(Comparator.comparingLong(Spans.Span::fromNanos));
    List<TimeWindow> windows = new ArrayList<>();
    for (Spans.Span span : spans) {
      long from = Math.max(0, span.fromNanos());
      long to = Math.max(from + 1, Math.min(endNanos, span.toNanos()));
      TimeWindow last = windows.isEmpty() ? null : windows.get(windows.size() - 1);
      if (last != null && from <= last.toNanos()) {
        windows.set(
            windows.size() - 1,
            new TimeWindow(last.number(), last.fromNanos(), Math.max(to, last.toNanos())));
      } else {
        windows.add(new TimeWindow(windows.size() + 1, from, to));
      }
    }
    return windows;
  }

  /** The windows in which a line is to be seen; none for a line without a time. */
  List<TimeWindow> showing(Entry line) {
    return Spans.of(line)
        .map(span -> each.stream().filter(window -> window.shows(span)).toList())
        .orElse(List.of());
  }

  /** How many operations a window may show. */
  int opsMax() {
    return whole ? OPS_MAX : Math.max(50, OPS_MAX / Math.max(1, each.size()));
  }
}
