package io.leasehold.jepsen.report;

/** A part of the run that the timeline shows. Its number is that of its heading, from 1. */
record TimeWindow(int number, long fromNanos, long toNanos) {
  String anchor() {
    return "window-" + number;
  }

  boolean shows(Spans.Span span) {
    return span.overlaps(fromNanos, toNanos);
  }
}
