package io.leasehold.server.forward;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.leasehold.raft.Replica;
import io.leasehold.server.route.Leader;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * The streams to other members, of which one pair, to the leader, is open at most times.
 *
 * <p>A stream to a member that does not lead any more is cut, so that whatever it holds is asked
 * again elsewhere. Any thread.
 */
public final class ForwardClient implements AutoCloseable {
  private final Function<String, Channel> channels;
  private final Executor largeAnswers;
  private final ForwardObserver observer;
  private final Map<String, RemoteLeader> leaders = new HashMap<>();
  private boolean isClosed;

  /**
   * @param channels gives the channel to the peer port of the member of that name
   * @param largeAnswers unpacks answers that would hold up others
   */
  public ForwardClient(
      Function<String, Channel> channels, Executor largeAnswers, ForwardObserver observer) {
    this.channels = channels;
    this.largeAnswers = largeAnswers;
    this.observer = observer;
  }

  /** Returns the streams to a member, opening them if need be. */
  public synchronized Leader to(String memberName) {
    RemoteLeader known = leaders.get(memberName);
    if (known != null && known.isOpen()) {
      return known;
    }
    RemoteLeader leader =
        new RemoteLeader(
            known == null || known.leases().isClosed()
                ? new ForwardStream(observer)
                : known.leases(),
            known == null || known.commands().isClosed()
                ? new CommandStream(observer, largeAnswers)
                : known.commands());
    leaders.put(memberName, leader);
    if (isClosed) {
      leader.close("the member is stopping");
      return leader;
    }
    Channel channel = channels.apply(memberName);
    if (channel instanceof ManagedChannel managed) {
      // The member may just have come back: do not sit out the pause after a failed connect.
      managed.resetConnectBackoff();
    }
    if (known == null || known.leases() != leader.leases()) {
      leader.leases().open(channel);
    }
    if (known == null || known.commands() != leader.commands()) {
      leader.commands().open(channel);
    }
    return leader;
  }

  /**
   * Cuts every stream that does not go to the leader. While no leader is known none is cut: a
   * follower that a late heartbeat made doubt may find the same leader again in the same term, and
   * proposals of unknown fate could be repeated only in a later one.
   */
  public void leadershipChanged(Replica.Leadership leadership) {
    if (leadership.leader() == null) {
      return;
    }
    Map<String, RemoteLeader> obsolete;
    synchronized (this) {
      obsolete = new HashMap<>(leaders);
      obsolete.remove(leadership.leader());
      leaders.keySet().removeAll(obsolete.keySet());
    }
    obsolete.forEach((name, streams) -> streams.close(name + " does not lead any more"));
  }

  @Override
  public void close() {
    Map<String, RemoteLeader> open;
    synchronized (this) {
      isClosed = true;
      open = new HashMap<>(leaders);
      leaders.clear();
    }
    open.values().forEach(streams -> streams.close("the member is stopping"));
  }
}
