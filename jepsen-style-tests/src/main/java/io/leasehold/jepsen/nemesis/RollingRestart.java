package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** One member after the other is stopped in good order and started, as for a new version. */
final class RollingRestart implements Fault {
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  private final Random random;
  private final Set<String> restarted = new TreeSet<>();
  private int membersInAll;

  RollingRestart(Random random) {
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES);
  }

  @Override
  public void inject(TestCluster cluster) {
    List<String> order = new ArrayList<>(cluster.members());
    membersInAll = order.size();
    Collections.shuffle(order, random);
    for (String member : order) {
      // The next one goes only when this one is back: what an operator does.
      cluster.awaitReady(READY_MAX);
      cluster.stop(member);
      cluster.start(member);
      cluster.awaitReady(READY_MAX);
      restarted.add(member);
    }
  }

  @Override
  public void heal(TestCluster cluster) {
    Cleanup all = new Cleanup();
    cluster.members().forEach(member -> all.attempt(() -> cluster.start(member)));
    all.finish(describe() + " was not healed");
  }

  @Override
  public boolean hasHappened() {
    return membersInAll > 0 && restarted.size() == membersInAll;
  }

  @Override
  public Set<String> members() {
    return Collections.unmodifiableSet(restarted);
  }

  @Override
  public String describe() {
    return restarted.size() + " of " + membersInAll + " restarted one after the other";
  }
}
