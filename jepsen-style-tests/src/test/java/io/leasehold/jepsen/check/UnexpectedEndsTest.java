package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class UnexpectedEndsTest {
  private static Ruling judge(long endSeconds, FaultWindow... faults) {
    MemberEnd end = new MemberEnd("n2", 1, TimeUnit.SECONDS.toNanos(endSeconds));
    return UnexpectedEnds.judge(List.of(end), new History(List.of(faults))).ruling();
  }

  private static FaultWindow fault(String kind, String target) {
    return new FaultWindow(
        kind, target, TimeUnit.SECONDS.toNanos(10), TimeUnit.SECONDS.toNanos(20));
  }

  @Test
  void aMemberThatEndsForNoReasonIsAViolation() {
    assertThat(judge(15)).isEqualTo(Ruling.VIOLATED);
    assertThat(judge(15, fault("PAUSE_ONE", "n2"))).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void aMemberMayStopItselfWhenItsOwnDiskOrDataIsBroken() {
    for (String kind : List.of("DISK_FULL_ONE", "FAILING_DISK_LEADER", "FLIP_LOG")) {
      assertThat(judge(15, fault(kind, "n1,n2"))).isEqualTo(Ruling.OK);
      assertThat(judge(15, fault(kind, "n1,n3"))).isEqualTo(Ruling.VIOLATED);
    }
  }

  @Test
  void whatWasHealedLongAgoIsNoReason() {
    assertThat(judge(24, fault("DISK_FULL_ONE", "n2"))).isEqualTo(Ruling.OK);
    assertThat(judge(26, fault("DISK_FULL_ONE", "n2"))).isEqualTo(Ruling.VIOLATED);
    assertThat(judge(9, fault("DISK_FULL_ONE", "n2"))).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void aRunInWhichNobodyEndedIsOk() {
    assertThat(UnexpectedEnds.judge(List.of(), new History(List.of())).ruling())
        .isEqualTo(Ruling.OK);
  }
}
