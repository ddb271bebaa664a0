package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Leadership is handed over again and again. */
final class LeaderTransfers implements Fault {
  private static final Duration BETWEEN = Duration.ofMillis(300);
  private static final Duration SHOWN_MAX = Duration.ofSeconds(1);

  private final Duration length;
  private final Random random;
  private final Set<String> led = new TreeSet<>();
  private int asked;
  private int handedOver;

  LeaderTransfers(Duration length, Random random) {
    this.length = length;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of();
  }

  @Override
  public void inject(TestCluster cluster) {
    long deadlineNanos = System.nanoTime() + length.toNanos();
    while (System.nanoTime() - deadlineNanos < 0) {
      Optional<String> leader = cluster.leader();
      List<String> others =
          cluster.members().stream()
              .filter(member -> !leader.equals(Optional.of(member)))
              .filter(cluster::isRunning)
              .toList();
      if (leader.isPresent() && !others.isEmpty()) {
        String target = others.get(random.nextInt(others.size()));
        asked++;
        // The new leader says a moment later that it is one.
        if (cluster.moveLeader(leader.get(), target)
            && Waits.until(SHOWN_MAX, () -> cluster.leader().equals(Optional.of(target)))) {
          led.add(target);
          handedOver++;
        }
      }
      Waits.pause(BETWEEN);
    }
  }

  @Override
  public void heal(TestCluster cluster) {}

  @Override
  public boolean hasHappened() {
    return handedOver > 0;
  }

  @Override
  public Set<String> members() {
    return Collections.unmodifiableSet(led);
  }

  @Override
  public String describe() {
    return "leadership handed over " + handedOver + " times, asked for " + asked + " times";
  }
}
