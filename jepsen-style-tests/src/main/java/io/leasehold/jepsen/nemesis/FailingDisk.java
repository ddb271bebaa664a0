package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/**
 * A member's disk refuses everything that it is to keep. The member starts anew afterwards, whether
 * it stopped or not: after a sync that failed nobody knows what is on the disk.
 */
final class FailingDisk implements Fault {
  /** How long a member whose disk failed is watched before it counts as going on. */
  private static final Duration END_MAX = Duration.ofSeconds(5);

  private final Victims victims;
  private final Random random;
  private final Set<String> hit = new TreeSet<>();
  private long refusedBefore;
  private long refused;
  private String outcome = "";

  FailingDisk(Victims victims, Random random) {
    this.victims = victims;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES, Capability.SYNCS);
  }

  @Override
  public void inject(TestCluster cluster) {
    for (String member : victims.choose(cluster, random)) {
      hit.add(member);
      refusedBefore += cluster.syncs(member).refused();
      cluster.syncs(member).refuse();
    }
  }

  @Override
  public void heal(TestCluster cluster) {
    Cleanup all = new Cleanup();
    for (String member : hit) {
      all.attempt(() -> refused += cluster.syncs(member).refused() - refusedBefore);
      if (refused > 0) {
        Waits.until(END_MAX, () -> !cluster.isRunning(member));
      }
      outcome +=
          cluster.isRunning(member)
              ? "; " + member + " went on"
              : "; " + member + " stopped: " + LastLine.of(cluster.log(member));
      all.attempt(() -> cluster.kill(member));
      all.attempt(() -> cluster.syncs(member).heal());
      all.attempt(() -> cluster.start(member));
    }
    all.finish(describe() + " was not healed");
  }

  @Override
  public boolean hasHappened() {
    return refused > 0;
  }

  @Override
  public Set<String> members() {
    return Set.copyOf(hit);
  }

  @Override
  public String describe() {
    return "disk of "
        + (hit.isEmpty() ? "nobody" : String.join(", ", hit))
        + " refuses "
        + refused
        + " syncs"
        + outcome;
  }
}
