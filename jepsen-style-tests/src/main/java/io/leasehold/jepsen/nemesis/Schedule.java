package io.leasehold.jepsen.nemesis;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/** Which faults come, one after the other, and when. A value that a plan can be written from. */
public record Schedule(List<Step> steps) {
  public Schedule {
    steps = List.copyOf(steps);
  }

  /**
   * One fault.
   *
   * @param seed of what the fault leaves to chance
   * @param quietMillis how long nothing is done before it
   * @param lengthMillis how long it lasts before it is healed
   */
  public record Step(FaultKind kind, long seed, long quietMillis, long lengthMillis) {
    public Step {
      if (quietMillis < 0 || lengthMillis < 0) {
        throw new IllegalArgumentException(kind + ": times are not negative");
      }
    }

    Fault fault() {
      return kind.create(seed, Duration.ofMillis(lengthMillis));
    }
  }

  /** Lengths of time between which chance decides. */
  public record Lengths(Duration least, Duration most) {
    public Lengths {
      if (least.isNegative() || most.compareTo(least) < 0) {
        throw new IllegalArgumentException("from " + least + " to " + most + " is no range");
      }
    }

    private long choose(Random random) {
      return least.toMillis() + (long) (random.nextDouble() * most.minus(least).toMillis());
    }
  }

  /** Nothing happens. */
  public static Schedule none() {
    return new Schedule(List.of());
  }

  /** What was written down. */
  public static Schedule script(Step... steps) {
    return new Schedule(List.of(steps));
  }

  /** The same fault so many times. */
  public static Schedule repeated(
      FaultKind kind, int times, long seed, Duration quiet, Duration length) {
    Random random = new Random(seed);
    List<Step> steps = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      steps.add(new Step(kind, random.nextLong(), quiet.toMillis(), length.toMillis()));
    }
    return new Schedule(steps);
  }

  /** Any of the kinds in any order, for about the given time; the same for the same arguments. */
  public static Schedule random(
      long seed, List<FaultKind> kinds, Duration total, Lengths quiet, Lengths length) {
    // Of generators whose seeds are neighbours the first choices are alike, else.
    Random random = new Random(new SplittableRandom(seed).nextLong());
    List<Step> steps = new ArrayList<>();
    for (long plannedMillis = 0; plannedMillis < total.toMillis() && !kinds.isEmpty(); ) {
      Step step =
          new Step(
              kinds.get(random.nextInt(kinds.size())),
              random.nextLong(),
              quiet.choose(random),
              length.choose(random));
      steps.add(step);
      // A plan always ends, even if its steps take no time.
      plannedMillis += Math.max(1, step.quietMillis() + step.lengthMillis());
    }
    return new Schedule(steps);
  }

  /** As above, of the kinds that look for the leader. */
  public static Schedule atTheLeader(
      long seed, List<FaultKind> kinds, Duration total, Lengths quiet, Lengths length) {
    return random(
        seed,
        kinds.stream().filter(kind -> kind.name().contains("LEADER")).toList(),
        total,
        quiet,
        length);
  }

  public Duration length() {
    return Duration.ofMillis(
        steps.stream().mapToLong(step -> step.quietMillis() + step.lengthMillis()).sum());
  }
}
