package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** A member's disk takes long for everything that it is to keep. */
final class SlowDisk implements Fault {
  private static final long DELAY_MILLIS_MIN = 100;
  private static final long DELAY_MILLIS_MAX = 500;

  private final Victims victims;
  private final Random random;
  private final long delayMillis;
  private final Set<String> hit = new TreeSet<>();
  private long delayedBefore;
  private long delayed;

  SlowDisk(Victims victims, Random random) {
    this.victims = victims;
    this.random = random;
    this.delayMillis = random.nextLong(DELAY_MILLIS_MIN, DELAY_MILLIS_MAX + 1);
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES, Capability.SYNCS);
  }

  @Override
  public void inject(TestCluster cluster) {
    for (String member : victims.choose(cluster, random)) {
      hit.add(member);
      delayedBefore += cluster.syncs(member).delayed();
      cluster.syncs(member).delay(Duration.ofMillis(delayMillis));
    }
  }

  @Override
  public void heal(TestCluster cluster) {
    Cleanup all = new Cleanup();
    for (String member : hit) {
      all.attempt(() -> cluster.syncs(member).heal());
      all.attempt(() -> delayed += cluster.syncs(member).delayed());
    }
    delayed -= delayedBefore;
    all.finish(describe() + " was not healed");
  }

  @Override
  public boolean hasHappened() {
    return delayed > 0;
  }

  @Override
  public Set<String> members() {
    return Set.copyOf(hit);
  }

  @Override
  public String describe() {
    return "disk of "
        + (hit.isEmpty() ? "nobody" : String.join(", ", hit))
        + " takes "
        + delayMillis
        + " ms longer for each sync; "
        + delayed
        + " syncs";
  }
}
