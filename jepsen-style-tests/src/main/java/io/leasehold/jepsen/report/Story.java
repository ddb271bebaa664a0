package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One violation as a picture: all that was asked about the same leases, keys and locks. */
final class Story {
  private static final int OPS_MAX = 300;
  private static final int SUBJECTS_NAMED_MAX = 4;

  /** What part of the whole is shown before it: how it came to that. */
  private static final int BEFORE = 3;

  private static final int AFTER = 20;

  private Story() {}

  /** Nothing for a violation that is not about operations. */
  static Markup of(History history, Proofs.Numbered numbered) {
    Proofs proofs = Proofs.only(numbered);
    Set<String> subjects = new TreeSet<>();
    long from = Long.MAX_VALUE;
    long to = Long.MIN_VALUE;
    for (Entry line : numbered.violation().proof()) {
      if (line instanceof Op op) {
        subjects.addAll(Subjects.of(op));
        from = Math.min(from, op.invokedNanos());
        to = Math.max(to, Math.max(op.returnedNanos(), promisedUntilNanos(op)));
      }
    }
    if (subjects.isEmpty()) {
      return new Markup();
    }
    long lengthNanos = Math.max(20_000_000, to - from);
    TimeWindow window =
        new TimeWindow(0, Math.max(0, from - lengthNanos / BEFORE), to + lengthNanos / AFTER);
    List<Op> ops =
        history.ops().stream()
            .filter(op -> op.invokedNanos() <= window.toNanos())
            .filter(op -> op.returnedNanos() >= window.fromNanos())
            .filter(
                op ->
                    !proofs.marks(op).isEmpty() || !Collections.disjoint(Subjects.of(op), subjects))
            .toList();
    Lanes lanes = Lanes.of(ops, proofs, OPS_MAX);
    List<String> named = subjects.stream().limit(SUBJECTS_NAMED_MAX).toList();
    Markup story = new Markup();
    story.element(
        "p",
        "All that was asked about "
            + String.join(", ", named)
            + (subjects.size() > named.size() ? " and others" : "")
            + (lanes.left() > 0
                ? "; " + Quantities.count(lanes.left(), "operation") + " of these are left out"
                : "")
            + ". A line below a bar is the TTL that was promised, from when it was asked for.",
        "class",
        "quiet");
    return story.add(WindowPicture.withWords(history, proofs, window, lanes));
  }

  /** Until when an answer promises that a lease lives; the least time for one that does not. */
  static long promisedUntilNanos(Op op) {
    Answer answer = op.answer();
    if (answer instanceof Answer.Granted granted) {
      return op.invokedNanos() + granted.ttlSeconds() * 1_000_000_000;
    } else if (answer instanceof Answer.Renewed renewed && renewed.isAlive()) {
      return op.invokedNanos() + renewed.ttlSeconds() * 1_000_000_000;
    }
    return Long.MIN_VALUE;
  }
}
