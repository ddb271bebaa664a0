package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.history.FaultWindow;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What became of one step of a schedule.
 *
 * @param description what was done, in one line
 * @param fromNanos when it began to be done
 * @param toNanos when it was healed
 * @param readyNanos when all members followed one leader again; -1 when they did not in time, or
 *     the run was interrupted
 * @param hasHappened whether it was seen on the machine that it happened
 * @param complaint what went wrong with doing or healing it, else empty
 */
public record FaultReport(
    FaultKind kind,
    String description,
    Set<String> members,
    long fromNanos,
    long toNanos,
    long readyNanos,
    boolean hasHappened,
    String complaint) {
  public FaultReport {
    members = Set.copyOf(members);
  }

  public boolean isClean() {
    return complaint.isEmpty() && readyNanos >= 0;
  }

  /** Returns the line of the history, if it happened. */
  public Optional<FaultWindow> window() {
    return hasHappened
        ? Optional.of(
            new FaultWindow(
                kind.name(), String.join(",", new TreeSet<>(members)), fromNanos, toNanos))
        : Optional.empty();
  }
}
