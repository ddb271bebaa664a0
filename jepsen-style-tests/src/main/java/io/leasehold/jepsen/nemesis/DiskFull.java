package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** One member's disk has no room left for a while. */
final class DiskFull implements Fault {
  /** Less than what members write at a time. */
  private static final long BYTES_LEFT_MAX = 64 << 10;

  private final Victims victims;
  private final Random random;
  private final Set<String> hit = new TreeSet<>();
  private boolean hasHappened;
  private String outcome = "";

  DiskFull(Victims victims, Random random) {
    this.victims = victims;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES, Capability.DISKS);
  }

  @Override
  public void inject(TestCluster cluster) {
    for (String member : victims.choose(cluster, random)) {
      hit.add(member);
      cluster.disk(member).fill(0);
      hasHappened |= cluster.disk(member).bytesFree() <= BYTES_LEFT_MAX;
    }
  }

  @Override
  public void heal(TestCluster cluster) {
    Cleanup all = new Cleanup();
    for (String member : hit) {
      outcome += "; " + member + (cluster.isRunning(member) ? " went on" : " stopped");
      all.attempt(() -> cluster.disk(member).release());
      all.attempt(() -> cluster.start(member));
    }
    all.finish(describe() + " was not healed");
  }

  @Override
  public boolean hasHappened() {
    return hasHappened;
  }

  @Override
  public Set<String> members() {
    return Set.copyOf(hit);
  }

  @Override
  public String describe() {
    return "disk full of " + (hit.isEmpty() ? "nobody" : String.join(", ", hit)) + outcome;
  }
}
