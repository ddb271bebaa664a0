package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** Wall clocks of members jump an hour ahead or back, and later to the true time again. */
final class ClockJump implements Fault {
  private static final long JUMP_SECONDS = Duration.ofHours(1).toSeconds();

  private final Victims victims;
  private final Random random;
  private final Map<String, Long> jumps = new TreeMap<>();
  private final Map<String, Long> readsBefore = new TreeMap<>();
  private boolean hasHappened;

  ClockJump(Victims victims, Random random) {
    this.victims = victims;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES, Capability.WALL_CLOCKS);
  }

  @Override
  public void inject(TestCluster cluster) {
    for (String member : victims.choose(cluster, random)) {
      long seconds = random.nextBoolean() ? JUMP_SECONDS : -JUMP_SECONDS;
      jumps.put(member, seconds);
      readsBefore.put(member, cluster.wallClock(member).readsMoved());
      cluster.wallClock(member).move(seconds);
    }
  }

  @Override
  public void heal(TestCluster cluster) {
    Cleanup all = new Cleanup();
    // A clock that nobody read has not jumped.
    all.attempt(
        () ->
            hasHappened =
                !jumps.isEmpty()
                    && jumps.keySet().stream()
                        .allMatch(
                            member ->
                                cluster.wallClock(member).readsMoved()
                                    > readsBefore.getOrDefault(member, 0L)));
    jumps.keySet().forEach(member -> all.attempt(() -> cluster.wallClock(member).move(0)));
    all.finish(describe() + " was not healed");
  }

  @Override
  public boolean hasHappened() {
    return hasHappened;
  }

  @Override
  public Set<String> members() {
    return Set.copyOf(jumps.keySet());
  }

  @Override
  public String describe() {
    StringBuilder text = new StringBuilder("wall clock of ");
    if (jumps.isEmpty()) {
      return text + "nobody";
    }
    String separator = "";
    for (Map.Entry<String, Long> jump : jumps.entrySet()) {
      text.append(separator)
          .append(jump.getKey())
          .append(jump.getValue() > 0 ? " an hour ahead" : " an hour back");
      separator = ", ";
    }
    return text.toString();
  }
}
