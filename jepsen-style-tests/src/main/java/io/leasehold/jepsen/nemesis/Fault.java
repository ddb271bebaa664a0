package io.leasehold.jepsen.nemesis;

import io.leasehold.jepsen.cluster.Capability;
import io.leasehold.jepsen.cluster.TestCluster;
import java.util.Set;

/** One fault, for one use and one thread. What it does to a cluster, it can undo. */
public interface Fault {
  Set<Capability> requires();

  /**
   * Does it. Finding nobody to do it to is no error: then it has not happened. Whatever it throws,
   * {@link #heal} is called.
   */
  void inject(TestCluster cluster);

  /** Undoes what was done, however far that came. May take as long as members take to start. */
  void heal(TestCluster cluster);

  /** Whether it really happened, as seen on the machine; known after healing. */
  boolean hasHappened();

  /** Returns the members that it hit. */
  Set<String> members();

  /** Says in one line what was done. */
  String describe();
}
