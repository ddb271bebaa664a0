package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.MemberState;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * L5: no member is alive and does nothing. One whose disk refused to keep what it wrote stops
 * itself, and one that says what its state is, has, some time after the last fault, all that the
 * others had.
 */
public final class SilentMembers {
  static final String PROPERTY = "L5";

  /** Faults, by how their names begin, that a member must not outlive. */
  private static final String FATAL = "FAILING_DISK";

  private SilentMembers() {}

  public static Verdict judge(List<MemberEnd> ends, History history, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    long stopped = 0;
    for (FaultWindow fault : history.faults()) {
      if (fault.kind().startsWith(FATAL)) {
        for (String member : fault.target().split(",", -1)) {
          if (ends.stream().anyMatch(end -> isDuring(fault, member, end))) {
            stopped++;
          } else {
            findings.violated(member + " went on though its disk refused what it wrote", fault);
          }
        }
      }
    }
    long states = judgeStates(history, parameters, findings);
    if (states == 0 && stopped == 0 && findings.isClean()) {
      return Verdict.notApplicable(PROPERTY, "no member was looked at long enough after a fault");
    }
    findings.figure("members stopped by their disks", stopped);
    findings.figure("states judged", states);
    return findings.verdict();
  }

  private static boolean isDuring(FaultWindow fault, String member, MemberEnd end) {
    return end.member().equals(member)
        && end.atNanos() >= fault.fromNanos()
        && end.atNanos() <= fault.toNanos();
  }

  /** Returns how many were late enough after the last fault to tell something. */
  private static long judgeStates(History history, RunParameters parameters, Findings findings) {
    List<MemberState> progress = new ArrayList<>();
    Set<String> found = new HashSet<>();
    long judged = 0;
    for (MemberState state : history.memberStates()) {
      // While the harness stood still, the member may have, too.
      long enoughNanos = state.atNanos() - parameters.recoveryNanosMax();
      long sinceNanos = enoughNanos - history.stalledNanos(enoughNanos, state.atNanos());
      boolean wasQuiet =
          history.faults().stream().noneMatch(each -> each.overlaps(sinceNanos, state.atNanos()));
      MemberState then = lastUntil(progress, sinceNanos);
      if (wasQuiet && then != null) {
        judged++;
        if (state.appliedIndex() < then.appliedIndex() && found.add(state.node())) {
          findings.violated(
              "%s still had not applied entry %d, %.0f s after %s had"
                  .formatted(
                      state.node(),
                      then.appliedIndex(),
                      (state.atNanos() - then.atNanos()) / 1e9,
                      then.node()),
              then,
              state);
        }
      }
      if (progress.isEmpty()
          || progress.get(progress.size() - 1).appliedIndex() < state.appliedIndex()) {
        progress.add(state);
      }
    }
    return judged;
  }

  /** Returns who was farthest at some time. */
  private static @Nullable MemberState lastUntil(List<MemberState> progress, long nanos) {
    int low = 0;
    int high = progress.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (progress.get(middle).atNanos() <= nanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 ? null : progress.get(low - 1);
  }
}
