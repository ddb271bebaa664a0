package io.leasehold.jepsen.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * What runs the containers of one cluster. Members are known by their names. For any number of
 * threads; what changes one member is asked for by one thread at a time.
 *
 * <p>Whatever it cannot do throws {@link ClusterException}.
 */
interface Engine extends AutoCloseable {
  /** Makes the containers, volumes and network of all members, and starts them. */
  void up();

  /**
   * Makes a member's container, and its volume if that is gone, and starts it. A container that is
   * there is replaced, with what it wrote.
   *
   * @param replacesLost whether it may take its old place although its data is gone
   */
  void makeAnew(String member, boolean replacesLost);

  /** Starts a container that is there and does not run. */
  void start(String member);

  /** Asks a member to end, and kills it when it takes longer. */
  void stop(String member, Duration max);

  void kill(String member);

  void pause(String member);

  void unpause(String member);

  boolean isPaused(String member);

  /**
   * Returns what tells when the container that runs now ends, with its exit code, on a thread of
   * the engine; it is complete already for one that has ended.
   */
  CompletableFuture<Integer> end(String member);

  /** Removes the container of a member that does not run, and its volume. */
  void remove(String member);

  /** Takes a container off the network. */
  void detach(String member);

  /** Puts it back, under the same name and with an address that it did not have before. */
  void attach(String member);

  /**
   * Returns how many packets a running container could not send since it started, having no way to
   * send them.
   */
  long packetsWithoutWay(String member);

  /** Returns all that the container wrote since it was made. */
  byte[] written(String member);

  /** Removes all containers, volumes and the network, in whatever state they are. */
  @Override
  void close();
}
