package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Members lose power: their disks forget what was not synced, then the processes end. */
final class PowerCut implements Fault {
  private final Victims victims;
  private final Random random;
  private final Set<String> hit = new TreeSet<>();
  private boolean hasHappened;

  PowerCut(Victims victims, Random random) {
    this.victims = victims;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES, Capability.DISKS);
  }

  @Override
  public void inject(TestCluster cluster) {
    hit.addAll(victims.choose(cluster, random));
    Cleanup all = new Cleanup();
    // The disks first: a process that saw its end coming would still write.
    hit.forEach(member -> all.attempt(() -> cluster.disk(member).powerCut()));
    hit.forEach(member -> all.attempt(() -> cluster.kill(member)));
    all.finish(describe() + " did not work");
    hasHappened = !hit.isEmpty();
  }

  @Override
  public void heal(TestCluster cluster) {
    Cleanup all = new Cleanup();
    for (String member : hit) {
      all.attempt(
          () -> {
            if (cluster.disk(member).isOff()) {
              cluster.kill(member);
              cluster.disk(member).powerOn();
            }
            cluster.start(member);
          });
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
    return "power cut of " + (hit.isEmpty() ? "nobody" : String.join(", ", hit));
  }
}
