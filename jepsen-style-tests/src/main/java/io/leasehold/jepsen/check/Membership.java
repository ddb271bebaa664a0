package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.MemberState;
import java.util.HashMap;
import java.util.Map;

/**
 * P10: a term has one leader; no member goes back to an earlier term; and members that applied the
 * same entries have the same state.
 */
final class Membership implements Checker {
  private static final String PROPERTY = "P10";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    Map<Long, MemberState> leaders = new HashMap<>();
    Map<String, MemberState> latest = new HashMap<>();
    Map<Long, MemberState> digests = new HashMap<>();
    long compared = 0;
    for (MemberState state : evidence.history().memberStates()) {
      MemberState leader = state.leader() ? leaders.putIfAbsent(state.term(), state) : null;
      if (leader != null && !leader.node().equals(state.node())) {
        findings.violated("term " + state.term() + " has two leaders", leader, state);
      }
      MemberState earlier = latest.put(state.node(), state);
      if (earlier != null && earlier.term() > state.term()) {
        findings.violated(state.node() + " went back to an earlier term", earlier, state);
      }
      MemberState same =
          state.digest().isEmpty() ? null : digests.putIfAbsent(state.appliedIndex(), state);
      if (same != null) {
        compared++;
        if (!same.digest().equals(state.digest())) {
          findings.violated(
              "two states were made of the same entries, up to " + state.appliedIndex(),
              same,
              state);
        }
      }
    }
    if (latest.isEmpty()) {
      return Verdict.notApplicable(PROPERTY, "no member was asked for its state");
    }
    findings.figure("terms with a leader", leaders.size());
    findings.figure("digests compared", compared);
    return findings.verdict();
  }
}
