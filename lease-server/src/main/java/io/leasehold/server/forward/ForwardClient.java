package io.leasehold.server.forward;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.leasehold.raft.Replica;
import io.leasehold.server.route.Leader;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * The streams to other members, of which one, to the leader, is open at most times.
 *
 * <p>A stream to a member that does not lead any more is cut, so that whatever it holds is asked
 * again elsewhere. Any thread.
 */
public final class ForwardClient implements AutoCloseable {
  private final Function<String, Channel> channels;
  private final ForwardObserver observer;
  private final Map<String, ForwardStream> streams = new HashMap<>();
  private boolean isClosed;

  /**
   * @param channels gives the channel to the peer port of the member of that name
   */
  public ForwardClient(Function<String, Channel> channels, ForwardObserver observer) {
    this.channels = channels;
    this.observer = observer;
  }

  /** Returns the stream to a member, opening it if need be. */
  public synchronized Leader to(String memberName) {
    ForwardStream stream = streams.get(memberName);
    if (stream == null || stream.isClosed()) {
      stream = new ForwardStream(observer);
      streams.put(memberName, stream);
      if (isClosed) {
        stream.close("the member is stopping");
      } else {
        Channel channel = channels.apply(memberName);
        if (channel instanceof ManagedChannel managed) {
          // The member may just have come back: do not sit out the pause after a failed connect.
          managed.resetConnectBackoff();
        }
        stream.open(channel);
      }
    }
    return stream;
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
    Map<String, ForwardStream> obsolete;
    synchronized (this) {
      obsolete = new HashMap<>(streams);
      obsolete.remove(leadership.leader());
      streams.keySet().removeAll(obsolete.keySet());
    }
    obsolete.forEach((name, stream) -> stream.close(name + " does not lead any more"));
  }

  @Override
  public void close() {
    Map<String, ForwardStream> open;
    synchronized (this) {
      isClosed = true;
      open = new HashMap<>(streams);
      streams.clear();
    }
    open.values().forEach(stream -> stream.close("the member is stopping"));
  }
}
