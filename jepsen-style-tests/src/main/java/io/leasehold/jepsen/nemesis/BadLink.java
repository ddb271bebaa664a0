package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Link;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** What goes between members gets lost, or comes slowly or late. */
final class BadLink implements Fault {
  /** How it is bad. */
  enum Manner {
    LOSSY(Capability.LINKS) {
      @Override
      Link choose(Random random) {
        return Link.losing(random.nextInt(10, 31));
      }
    },
    SLOW(Capability.LINKS) {
      @Override
      Link choose(Random random) {
        return Link.slow(random.nextInt(250, 2001));
      }
    },
    LATE(Capability.DELAYS) {
      @Override
      Link choose(Random random) {
        return Link.delayed(random.nextInt(50, 101), random.nextInt(0, 51));
      }
    };

    private final Capability capability;

    Manner(Capability capability) {
      this.capability = capability;
    }

    abstract Link choose(Random random);
  }

  private final Manner manner;
  private final Victims victims;
  private final Random random;
  private final Link link;
  private final Set<String> hit = new TreeSet<>();
  private long packetsBefore;
  private long packets;

  BadLink(Manner manner, Victims victims, Random random) {
    this.manner = manner;
    this.victims = victims;
    this.random = random;
    this.link = manner.choose(random);
  }

  @Override
  public Set<Capability> requires() {
    // Whoever can hinder packets can cut; and what is asked for cuts is asked for these as well.
    return Set.of(Capability.CUTS, manner.capability);
  }

  @Override
  public void inject(TestCluster cluster) {
    hit.addAll(victims.choose(cluster, random));
    if (!hit.isEmpty()) {
      packetsBefore = cluster.packetsDegraded();
      cluster.degrade(hit, link);
    }
  }

  @Override
  public void heal(TestCluster cluster) {
    try {
      // A link on which nothing was hindered was not bad.
      packets = hit.isEmpty() ? 0 : cluster.packetsDegraded() - packetsBefore;
    } finally {
      cluster.heal();
    }
  }

  @Override
  public boolean hasHappened() {
    return packets > 0;
  }

  @Override
  public Set<String> members() {
    return Set.copyOf(hit);
  }

  @Override
  public String describe() {
    return "links of "
        + (hit.isEmpty() ? "nobody" : String.join(", ", hit))
        + ": "
        + link
        + "; "
        + packets
        + " packets";
  }
}
