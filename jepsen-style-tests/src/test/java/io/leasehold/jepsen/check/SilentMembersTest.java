package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Stall;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Of members that have ten seconds after a fault. */
class SilentMembersTest {
  private static Verdict judge(List<MemberEnd> ends, Entry... entries) {
    return SilentMembers.judge(ends, History.of(entries), RunParameters.defaults());
  }

  private static FaultWindow fault(String kind, String target) {
    return new FaultWindow(kind, target, Tale.nanos(1000), Tale.nanos(5000));
  }

  private static MemberState state(String member, long index, long atMillis) {
    return new MemberState(member, Tale.nanos(atMillis), 1, false, index, index, -1, "");
  }

  private static MemberEnd end(String member, long atMillis) {
    return new MemberEnd(member, 1, Tale.nanos(atMillis));
  }

  @Test
  void aMemberWhoseDiskFailsStopsItself() {
    FaultWindow failing = fault("FAILING_DISK_ONE", "n2");

    assertThat(judge(List.of(end("n2", 2000)), failing).ruling()).isEqualTo(Ruling.OK);
    assertThat(judge(List.of(), failing).reason()).contains("n2 went on");
    assertThat(judge(List.of(end("n1", 2000)), failing).ruling()).isEqualTo(Ruling.VIOLATED);
    assertThat(judge(List.of(end("n2", 5001)), failing).ruling()).isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void eachOfThoseThatWereHitStops() {
    Verdict verdict = judge(List.of(end("n1", 2000)), fault("FAILING_DISK_ONE", "n1,n3"));

    assertThat(verdict.reason()).contains("n3 went on");
    assertThat(verdict.figure("members stopped by their disks")).isEqualTo(1);
  }

  @Test
  void aSlowDiskEndsNobody() {
    assertThat(judge(List.of(), fault("SLOW_DISK_ONE", "n2")).ruling())
        .isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void aMemberThatIsAskedHasWhatOthersHadLongAgo() {
    assertThat(judge(List.of(), state("n1", 7, 0), state("n2", 7, 10_000)).ruling())
        .isEqualTo(Ruling.OK);
    assertThat(judge(List.of(), state("n1", 7, 0), state("n2", 6, 10_000)).reason())
        .contains("n2 still had not applied entry 7, 10 s after n1 had");
    // One millisecond less, and it says nothing.
    assertThat(judge(List.of(), state("n1", 7, 0), state("n2", 6, 9999)).ruling())
        .isEqualTo(Ruling.NOT_APPLICABLE);
  }

  @Test
  void timeCountsFromTheEndOfTheLastFault() {
    FaultWindow killed = fault("KILL_ONE", "n2");

    assertThat(judge(List.of(), killed, state("n1", 7, 0), state("n2", 6, 15_000)).ruling())
        .isEqualTo(Ruling.NOT_APPLICABLE);
    assertThat(judge(List.of(), killed, state("n1", 7, 0), state("n2", 6, 15_001)).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }

  @Test
  void whileTheHarnessStoodStillNobodyIsLate() {
    Stall stall = new Stall(Tale.nanos(2000), Tale.nanos(3000));

    assertThat(judge(List.of(), stall, state("n1", 7, 0), state("n2", 6, 10_999)).ruling())
        .isEqualTo(Ruling.NOT_APPLICABLE);
    assertThat(judge(List.of(), stall, state("n1", 7, 0), state("n2", 6, 11_000)).ruling())
        .isEqualTo(Ruling.VIOLATED);
  }
}
