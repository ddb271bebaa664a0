package io.leasehold.raft.jraft;

import com.alipay.sofa.jraft.StateMachine;
import com.alipay.sofa.jraft.conf.Configuration;
import com.alipay.sofa.jraft.entity.PeerId;
import com.alipay.sofa.jraft.option.RaftOptions;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.RaftMemberConfig;
import io.leasehold.raft.jraft.rpc.MemberNodeOptions;
import io.leasehold.raft.member.DataDirectory;

/** JRaft's many options, in one place, each with the reason where it is not the default. */
final class RaftSettings {
  /** One group holds all leases; the name is on the wire, so that more may come. */
  static final String GROUP = "leasehold";

  private static final int LOGS_IN_MEMORY_BYTES_MAX = 256 << 20;

  /**
   * Entries in one request to a follower, in bytes, unless a single one has more. JRaft sends up to
   * 256 requests to a follower that lacks much before it awaits an answer, and keeps the buffers of
   * all of them for the next time; with its default they are more than a small heap has.
   */
  private static final int ENTRIES_PER_REQUEST_BYTES_MAX = 128 << 10;

  private static final int CONNECT_TIMEOUT_MILLIS = 200;
  private static final int CALL_TIMEOUT_MILLIS = 2000;
  private static final int SNAPSHOT_INTERVAL_SECONDS = 600;

  /**
   * A snapshot by time needs so many new entries to be worth it. Below the number after which one
   * is taken anyway, or JRaft would refuse those.
   */
  private static final int SNAPSHOT_MARGIN_ENTRIES_MAX = 10_000;

  /**
   * Silence of the majority, as a share of the election timeout, after which a leader steps down.
   * JRaft looks every half timeout, so that it does between this and 2; etcd's leader between 1 and
   * 2. Nothing but the time that its clients wait for it depends on this: what a leader may do
   * without asking is for the {@link LeadershipProof} to say.
   */
  private static final double LEADER_PATIENCE_SHARE = 1.5;

  /** Upper end of the random delay before an election, as a share of the election timeout. */
  static final double ELECTION_DELAY_SHARE = 0.3;

  private RaftSettings() {}

  static PeerId peer(PeerAddress address) {
    return new PeerId(address.host(), address.port());
  }

  static void fill(
      MemberNodeOptions options,
      RaftMemberConfig config,
      DataDirectory directory,
      Configuration initial,
      StateMachine stateMachine,
      TermWatch terms) {
    RaftLogStorageOptions.ensureSet();
    options.setFsm(stateMachine);
    options.setServiceFactory(terms);
    options.setInitialConf(initial);
    options.setLogUri(directory.raftLog().toString());
    options.setRaftMetaUri(directory.raftMeta().toString());
    // A timer of its own ticks every millisecond, work or not; a shared one sleeps until it is due.
    options.setSharedElectionTimer(true);
    options.setSharedVoteTimer(true);
    options.setSharedStepDownTimer(true);
    options.setSharedSnapshotTimer(true);
    options.setSnapshotUri(directory.raftSnapshot().toString());
    options.setElectionTimeoutMs(config.electionTimeoutMillis());
    options.setLeaderPatienceMillis((int) (config.electionTimeoutMillis() * LEADER_PATIENCE_SHARE));
    options.setSnapshotIntervalSecs(SNAPSHOT_INTERVAL_SECONDS);
    options.setSnapshotLogIndexMargin(
        Math.min(SNAPSHOT_MARGIN_ENTRIES_MAX, config.snapshotEntries() / 2));
    // Changes of membership go through our own service.
    options.setDisableCli(true);
    options.setRpcConnectTimeoutMs(CONNECT_TIMEOUT_MILLIS);
    options.setRpcDefaultTimeout(CALL_TIMEOUT_MILLIS);
    options.setRaftOptions(raftOptions(config));
  }

  /** Returns a random delay's upper end in milliseconds; JRaft wants one above zero. */
  static int delay(int electionTimeoutMillis, double share) {
    return Math.max(1, (int) (electionTimeoutMillis * share));
  }

  private static RaftOptions raftOptions(RaftMemberConfig config) {
    RaftOptions options = new RaftOptions();
    // JRaft's default delay of 1 s would dominate the time without a leader, whatever the election
    // timeout.
    options.setMaxElectionDelayMs(delay(config.electionTimeoutMillis(), ELECTION_DELAY_SHARE));
    options.setElectionHeartbeatFactor(
        Math.max(1, config.electionTimeoutMillis() / config.heartbeatMillis()));
    options.setSync(true);
    options.setSyncMeta(true);
    options.setEnableLogEntryChecksum(true);
    options.setStepDownWhenVoteTimedout(true);
    options.setMaxBodySize(ENTRIES_PER_REQUEST_BYTES_MAX);
    options.setMaxLogsInMemoryBytes(LOGS_IN_MEMORY_BYTES_MAX);
    options.setOpenStatistics(false);
    return options;
  }
}
