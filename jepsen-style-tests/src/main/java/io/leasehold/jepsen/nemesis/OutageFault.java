package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.Cleanup;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

/** Members that do not run for a while. */
final class OutageFault implements Fault {
  /** How they come to a halt. */
  enum Manner {
    KILLED {
      @Override
      void begin(TestCluster cluster, String member) {
        cluster.kill(member);
      }

      @Override
      boolean lasts(TestCluster cluster, String member) {
        return !cluster.isRunning(member);
      }

      @Override
      void end(TestCluster cluster, String member) {
        cluster.start(member);
      }
    },
    STOPPED {
      @Override
      void begin(TestCluster cluster, String member) {
        cluster.stop(member);
      }

      @Override
      boolean lasts(TestCluster cluster, String member) {
        return !cluster.isRunning(member);
      }

      @Override
      void end(TestCluster cluster, String member) {
        cluster.start(member);
      }
    },
    FROZEN {
      @Override
      void begin(TestCluster cluster, String member) {
        cluster.pause(member);
      }

      @Override
      boolean lasts(TestCluster cluster, String member) {
        return cluster.isPaused(member);
      }

      @Override
      void end(TestCluster cluster, String member) {
        cluster.resume(member);
      }
    };

    abstract void begin(TestCluster cluster, String member);

    abstract boolean lasts(TestCluster cluster, String member);

    abstract void end(TestCluster cluster, String member);
  }

  private final Manner manner;
  private final Victims victims;
  private final Random random;
  private final Set<String> hit = new TreeSet<>();
  private boolean hasHappened;

  OutageFault(Manner manner, Victims victims, Random random) {
    this.manner = manner;
    this.victims = victims;
    this.random = random;
  }

  @Override
  public Set<Capability> requires() {
    return Set.of(Capability.PROCESSES);
  }

  @Override
  public void inject(TestCluster cluster) {
    List<String> chosen = victims.choose(cluster, random);
    Cleanup all = new Cleanup();
    for (String member : chosen) {
      // Noted first: what is half done must be undone.
      hit.add(member);
      all.attempt(() -> manner.begin(cluster, member));
    }
    all.finish(describe() + " did not work");
  }

  @Override
  public void heal(TestCluster cluster) {
    hasHappened = !hit.isEmpty() && hit.stream().allMatch(member -> manner.lasts(cluster, member));
    Cleanup all = new Cleanup();
    hit.forEach(member -> all.attempt(() -> manner.end(cluster, member)));
    all.finish(describe() + " was not healed");
  }

  @Override
  public boolean hasHappened() {
    return hasHappened;
  }

  @Override
  public Set<String> members() {
    return Collections.unmodifiableSet(hit);
  }

  @Override
  public String describe() {
    return (hit.isEmpty() ? "nobody" : String.join(", ", hit))
        + " "
        + manner.name().toLowerCase(java.util.Locale.ROOT);
  }
}
