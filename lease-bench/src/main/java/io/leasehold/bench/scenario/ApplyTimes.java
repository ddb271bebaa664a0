package io.leasehold.bench.scenario;

import io.leasehold.bench.cluster.BenchMember;
import io.leasehold.bench.report.Figure;
import java.util.List;
import java.util.Optional;

/**
 * How often a member's apply thread was busy for long at one go, while something was measured: all
 * who write wait for it. Only Leasehold tells.
 */
final class ApplyTimes {
  private static final String METRIC = "leasehold_raft_apply_duration_seconds";

  private final BenchMember member;
  private final long all;
  private final long over50Millis;
  private final long over100Millis;

  private ApplyTimes(BenchMember member) {
    this.member = member;
    List<Double> counts =
        member.metrics(
            List.of(
                METRIC + "_count",
                METRIC + "_bucket{le=\"0.05\"}",
                METRIC + "_bucket{le=\"0.1\"}"));
    this.all = counts.get(0).longValue();
    this.over50Millis = all - counts.get(1).longValue();
    this.over100Millis = all - counts.get(2).longValue();
  }

  /** Begins to count, when the member is one that tells. */
  static Optional<ApplyTimes> of(BenchMember member) {
    return member.isLeasehold() ? Optional.of(new ApplyTimes(member)) : Optional.empty();
  }

  /** Returns what happened since this was made. */
  List<Figure> since() {
    ApplyTimes now = new ApplyTimes(member);
    return List.of(
        Figure.fact("applies", now.all - all),
        Figure.lower("applies.over50Millis", (double) (now.over50Millis - over50Millis)),
        Figure.lower("applies.over100Millis", (double) (now.over100Millis - over100Millis)));
  }
}
