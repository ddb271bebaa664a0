package io.leasehold.jepsen.cluster;

import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A cluster of real members and what can be done to it. Members are known by their names, {@code
 * n1} and so on, for as long as the cluster lives.
 *
 * <p>Safe for use by several threads: clients ask while a nemesis breaks. What changes one member
 * excludes what else changes that member. Closing stops everything that was started, whatever state
 * it is in, and is safe to repeat.
 *
 * <p>Whatever cannot be done throws {@link ClusterException}; whatever the capabilities rule out
 * throws {@link UnsupportedOperationException}.
 */
public interface TestCluster extends AutoCloseable {
  /** Returns the names of all members, running or not, in order. */
  List<String> members();

  Set<Capability> capabilities();

  /** Returns where clients reach a member, whatever is cut between members. */
  Endpoint clientEndpoint(String member);

  /** Starts every member that does not run and waits until the cluster serves. */
  void start();

  /** Starts a member with further flags and returns at once; no effect when it runs. */
  void start(String member, String... furtherFlags);

  /** Stops a member in good order and returns its exit code; kills it when it takes too long. */
  int stop(String member);

  /** As a crash would: no signal handler, no flush. No effect when it does not run. */
  void kill(String member);

  /** Freezes a member. No effect when it does not run. */
  void pause(String member);

  /** Lets a frozen member go on. No effect on one that is not frozen. */
  void resume(String member);

  /** A frozen member runs. */
  boolean isRunning(String member);

  /** Tells whether the system holds the member's process. */
  boolean isPaused(String member);

  /** Asks a member what it is and whom it follows. Throws gRPC's exception when it does not say. */
  StatusResponse status(String member);

  /**
   * Asks a member for the hash of what it applied. Only members of one kind of program, and at one
   * index, can be compared. Throws gRPC's exception when it does not say.
   */
  long hash(String member);

  /** Returns the member that says it leads, in the latest term when several do. */
  Optional<String> leader();

  /** Asks the leader to hand over to another member; returns whether it says that it did. */
  boolean moveLeader(String leader, String target);

  /** Waits until all running members follow one leader that is running; throws when they do not. */
  void awaitReady(Duration max);

  /**
   * Has somebody told of every member whose process ends though it was not told to, on a thread of
   * the system; not of those that ended before.
   */
  void onUnexpectedEnd(UnexpectedEnd listener);

  /** Whether all running members follow one leader now. */
  boolean isReady();

  Path dataDirectory(String member);

  /** Deletes all that a member that does not run has on disk. */
  void wipe(String member);

  /** Moves what a member that does not run has on disk out of its way, and returns where to. */
  Path setAside(String member);

  Path log(String member);

  /** Returns the page of metrics that a member publishes. */
  String metrics(String member) throws IOException;

  /** Cuts exactly these directions from now on, and no others, in one step. */
  void cut(Set<DirectedPair> pairs);

  /** Lets everything through again, as it should. */
  void heal();

  /** Returns how many packets between members the cuts have held up so far. */
  long packetsCut();

  /**
   * Makes all that goes between these members and others pass as the link says, until the next call
   * or until healed. Clients are not concerned.
   */
  void degrade(Set<String> members, Link link);

  /** Returns how many packets between members were lost, slowed down or delayed by links so far. */
  long packetsDegraded();

  WallClock wallClock(String member);

  Syncs syncs(String member);

  /** Returns the disk of a member. */
  Disk disk(String member);

  /**
   * Undoes whatever faults may have left: hindered links, clocks and syncs, frozen members, members
   * that do not run.
   */
  void restore();

  @Override
  void close();

  /** Told of members that end by themselves. */
  interface UnexpectedEnd {
    void ended(String member, int exitCode);
  }
}
