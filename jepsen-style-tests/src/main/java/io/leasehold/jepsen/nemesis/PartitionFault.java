package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.DirectedPair;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Members that do not reach each other for a while. */
final class PartitionFault implements Fault {
  private final CutShape shape;
  private final boolean isLeaderFirst;
  private final Random random;
  private Set<DirectedPair> cuts = Set.of();
  private long packetsBefore;
  private boolean hasHappened;

  PartitionFault(CutShape shape, boolean isLeaderFirst, Random random) {
    this.shape = shape;
    this.isLeaderFirst = isLeaderFirst;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(shape == CutShape.ISOLATED ? Capability.ISOLATION : Capability.CUTS);
  }

  @Override
  public void inject(TestCluster cluster) {
    List<String> order = new ArrayList<>(cluster.members());
    Collections.shuffle(order, random);
    if (isLeaderFirst) {
      List<String> leader = Victims.LEADER.choose(cluster, random);
      if (leader.isEmpty()) {
        return;
      }
      order.removeAll(leader);
      order.addAll(0, leader);
    } else if (shape == CutShape.BRIDGE) {
      // Followers have nothing to say to each other: a cut between them would be none.
      List<String> leader = Victims.LEADER.choose(cluster, random);
      order.removeAll(leader);
      order.addAll(1, leader);
    }
    packetsBefore = cluster.packetsCut();
    cuts = shape.cuts(order);
    cluster.cut(cuts);
  }

  @Override
  public void heal(TestCluster cluster) {
    try {
      // A cut that held up nothing was none.
      hasHappened = !cuts.isEmpty() && cluster.packetsCut() > packetsBefore;
    } finally {
      cluster.heal();
    }
  }

  @Override
  public boolean hasHappened() {
    return hasHappened;
  }

  @Override
  public Set<String> members() {
    Set<String> members = new TreeSet<>();
    for (DirectedPair cut : cuts) {
      members.add(cut.from());
      members.add(cut.to());
    }
    return members;
  }

  @Override
  public String describe() {
    return shape.name().toLowerCase(Locale.ROOT)
        + " cut: "
        + (cuts.isEmpty()
            ? "nothing"
            : String.join(" ", cuts.stream().map(DirectedPair::toString).sorted().toList()));
  }
}
