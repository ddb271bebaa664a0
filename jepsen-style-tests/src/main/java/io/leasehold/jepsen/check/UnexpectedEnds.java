package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * END: no member ends by itself, unless its own disk or data was broken: then it must.
 *
 * <p>What members did is not part of the history, which holds what clients and the nemesis saw.
 */
public final class UnexpectedEnds {
  static final String PROPERTY = "END";

  /** Kinds of faults, by how their names begin, after which a member may stop itself. */
  private static final List<String> EXCUSES =
      List.of("DISK_FULL", "FAILING_DISK", "POWER_CUT", "FLIP");

  /** From when a fault is healed until what it did to a member has ended that member. */
  private static final long AFTERMATH_NANOS = TimeUnit.SECONDS.toNanos(5);

  private UnexpectedEnds() {}

  public static Verdict judge(List<MemberEnd> ends, History history) {
    Findings findings = new Findings(PROPERTY);
    long excused = 0;
    for (MemberEnd end : ends) {
      if (history.faults().stream().anyMatch(fault -> excuses(fault, end))) {
        excused++;
      } else {
        findings.violated(
            "%s ended by itself with exit code %d, %.1f s after the start"
                .formatted(end.member(), end.exitCode(), end.atNanos() / 1e9));
      }
    }
    findings.figure("ended for a reason", excused);
    return findings.verdict();
  }

  private static boolean excuses(FaultWindow fault, MemberEnd end) {
    return EXCUSES.stream().anyMatch(fault.kind()::startsWith)
        && Arrays.asList(fault.target().split(",", -1)).contains(end.member())
        && fault.overlaps(end.atNanos() - AFTERMATH_NANOS, end.atNanos());
  }
}
