package io.leasehold.jepsen.nemesis;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.Gson;
import io.leasehold.jepsen.nemesis.Schedule.Lengths;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ScheduleTest {
  private static final List<FaultKind> ALL = Arrays.asList(FaultKind.values());
  private static final Lengths QUIET = new Lengths(Duration.ofSeconds(1), Duration.ofSeconds(3));
  private static final Lengths LENGTH = new Lengths(Duration.ofSeconds(2), Duration.ofSeconds(8));

  private static Schedule random(long seed) {
    return Schedule.random(seed, ALL, Duration.ofMinutes(10), QUIET, LENGTH);
  }

  @Test
  void theSameSeedGivesTheSameSchedule() {
    assertThat(random(7)).isEqualTo(random(7)).isNotEqualTo(random(8));
  }

  @Test
  void seedsThatAreNeighboursDoNotBeginWithTheSameFault() {
    List<FaultKind> two = List.of(FaultKind.KILL_ALL, FaultKind.STOP_ALL);

    assertThat(
            IntStream.range(100, 120)
                .mapToObj(seed -> Schedule.random(seed, two, Duration.ofSeconds(9), QUIET, LENGTH))
                .filter(schedule -> schedule.steps().get(0).kind() == FaultKind.KILL_ALL)
                .count())
        .isBetween(5L, 15L);
  }

  @Test
  void chanceKeepsWithinItsBoundsAndLeavesNothingOut() {
    Schedule schedule = random(1);

    assertThat(schedule.steps())
        .allSatisfy(
            step -> {
              assertThat(step.quietMillis()).isBetween(1000L, 3000L);
              assertThat(step.lengthMillis()).isBetween(2000L, 8000L);
            });
    assertThat(schedule.length()).isBetween(Duration.ofMinutes(10), Duration.ofSeconds(611));
    assertThat(
            random(1).steps().stream().map(Schedule.Step::kind).collect(Collectors.toSet()).size())
        .isGreaterThan(ALL.size() / 2);
  }

  @Test
  void whatIsAimedAtTheLeaderHitsNobodyElse() {
    Schedule schedule = Schedule.atTheLeader(1, ALL, Duration.ofMinutes(10), QUIET, LENGTH);

    assertThat(schedule.steps()).isNotEmpty();
    assertThat(schedule.steps().stream().map(Schedule.Step::kind).collect(Collectors.toSet()))
        .isSubsetOf(
            EnumSet.of(
                FaultKind.KILL_LEADER,
                FaultKind.PAUSE_LEADER,
                FaultKind.STOP_LEADER,
                FaultKind.LEADER_TRANSFERS,
                FaultKind.PARTITION_LEADER,
                FaultKind.PARTITION_LEADER_HALF,
                FaultKind.PARTITION_LEADER_MUTE,
                FaultKind.PARTITION_LEADER_DEAF,
                FaultKind.DISK_FULL_LEADER,
                FaultKind.CLOCK_JUMP_LEADER,
                FaultKind.SLOW_DISK_LEADER,
                FaultKind.FAILING_DISK_LEADER,
                FaultKind.LOSSY_LINKS_LEADER,
                FaultKind.SLOW_LINKS_LEADER,
                FaultKind.LATE_LINKS_LEADER));
  }

  @Test
  void aScheduleComesBackFromItsText() {
    Gson gson = new Gson();

    assertThat(gson.fromJson(gson.toJson(random(3)), Schedule.class)).isEqualTo(random(3));
  }

  @Test
  void nothingPossibleIsAnEmptySchedule() {
    assertThat(Schedule.random(1, List.of(), Duration.ofMinutes(1), QUIET, LENGTH))
        .isEqualTo(Schedule.none());
  }
}
