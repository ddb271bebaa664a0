package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.PeerId;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.RaftMemberConfig;
import io.leasehold.raft.member.VoterChanges;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who votes, by name and by address, and how the leader changes that. Any thread, but for {@link
 * #are}.
 */
final class Voters implements VoterChanges {
  private final RaftMemberConfig config;
  private final Supplier<@Nullable Node> node;
  private volatile List<String> names = List.of();
  private volatile List<PeerId> others = List.of();

  /**
   * @param node gives nothing while the member does not take part
   */
  Voters(RaftMemberConfig config, Supplier<@Nullable Node> node) {
    this.config = config;
    this.node = node;
    // JRaft tells of voters only when they change.
    are(config.initialCluster().values());
  }

  /** Notes who votes. On the apply thread. */
  void are(Collection<PeerAddress> addresses) {
    names = addresses.stream().map(this::nameOf).sorted().toList();
    others =
        addresses.stream()
            .filter(address -> !address.equals(config.ownAddress()))
            .map(RaftSettings::peer)
            .toList();
  }

  /** Returns the names of all, in order. */
  List<String> names() {
    return names;
  }

  /** Returns all but this member. */
  List<PeerId> others() {
    return others;
  }

  /** Returns a member's name, or its address when it is none of the cluster's. */
  String nameOf(PeerAddress address) {
    for (Map.Entry<String, PeerAddress> member : config.initialCluster().entrySet()) {
      if (member.getValue().equals(address)) {
        return member.getKey();
      }
    }
    return address.toString();
  }

  /** Throws when there is no such member in the cluster, voting or not. */
  PeerId peerOf(String name) {
    PeerAddress address = config.initialCluster().get(name);
    if (address == null) {
      throw new IllegalArgumentException("no member is named " + name);
    }
    return RaftSettings.peer(address);
  }

  @Override
  public void removeVoter(String name, Consumer<@Nullable String> done) {
    Node current = node.get();
    if (current == null) {
      done.accept("stopping");
    } else {
      current.removePeer(peerOf(name), status -> done.accept(reason(status)));
    }
  }

  @Override
  public void addVoter(String name, Consumer<@Nullable String> done) {
    Node current = node.get();
    if (current == null) {
      done.accept("stopping");
    } else {
      current.addPeer(peerOf(name), status -> done.accept(reason(status)));
    }
  }

  private static @Nullable String reason(Status status) {
    return status.isOk() ? null : status.getErrorMsg();
  }
}
