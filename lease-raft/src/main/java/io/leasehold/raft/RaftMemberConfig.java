package io.leasehold.raft;

import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What one member's engine needs to know.
 *
 * @param name this member's name, one of those in {@code initialCluster}
 * @param listenPeer the address to bind for peers
 * @param initialCluster where each member's peer port is reached, by name; the same on all members
 * @param clusterToken keeps clusters with the same addresses apart
 * @param clientUrls where this member's clients reach it
 * @param heartbeatMillis how often a leader lets followers hear from it
 * @param electionTimeoutMillis how long a follower waits for the leader; at least five heartbeats
 * @param checkpointIntervalMillis how much a leader change may at most add to the life of a lease,
 *     beside the election
 * @param snapshotEntries entries between two snapshots
 * @param revokeRatePerSecond leases that expiry may end in a second; 0 means no limit
 * @param replace whether this member's former data is gone for good and a new identity may take its
 *     place
 */
public record RaftMemberConfig(
    String name,
    Path dataDirectory,
    PeerAddress listenPeer,
    SortedMap<String, PeerAddress> initialCluster,
    ClusterState initialClusterState,
    String clusterToken,
    List<String> clientUrls,
    int heartbeatMillis,
    int electionTimeoutMillis,
    long checkpointIntervalMillis,
    int snapshotEntries,
    long revokeRatePerSecond,
    boolean replace) {

  /** A vote must not be lost to a few late heartbeats. */
  private static final int HEARTBEATS_PER_ELECTION_MIN = 5;

  /** Whether the cluster is about to be formed, or exists. */
  public enum ClusterState {
    NEW,
    EXISTING
  }

  public RaftMemberConfig {
    initialCluster = Collections.unmodifiableSortedMap(new TreeMap<>(initialCluster));
    clientUrls = List.copyOf(clientUrls);
    if (!initialCluster.containsKey(name)) {
      throw new IllegalArgumentException(
          "member " + name + " is not in the initial cluster " + initialCluster.keySet());
    }
    Set<PeerAddress> addresses = new HashSet<>();
    initialCluster.forEach(
        (member, address) -> {
          if (!addresses.add(address)) {
            throw new IllegalArgumentException(
                "two members have the peer address " + address + ", one of them " + member);
          }
        });
    requirePositive("heartbeat interval", heartbeatMillis);
    requirePositive("checkpoint interval", checkpointIntervalMillis);
    requirePositive("snapshot count", snapshotEntries);
    if (revokeRatePerSecond < 0) {
      throw new IllegalArgumentException("revoke rate " + revokeRatePerSecond + " is negative");
    }
    if (electionTimeoutMillis < HEARTBEATS_PER_ELECTION_MIN * heartbeatMillis) {
      throw new IllegalArgumentException(
          "election timeout "
              + electionTimeoutMillis
              + " ms is less than "
              + HEARTBEATS_PER_ELECTION_MIN
              + " heartbeats of "
              + heartbeatMillis
              + " ms");
    }
  }

  /** Returns where this member's own peer port is reached. */
  public PeerAddress ownAddress() {
    PeerAddress address = initialCluster.get(name);
    if (address == null) {
      throw new IllegalStateException("checked at construction");
    }
    return address;
  }

  private static void requirePositive(String what, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(what + " must be positive, not " + value);
    }
  }
}
