package io.leasehold.raft.member;

import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.FatalErrorHandler;
import io.leasehold.raft.RaftMemberConfig;
import io.leasehold.raft.RaftMemberConfig.ClusterState;
import io.leasehold.raft.StartException;
import io.leasehold.raft.proto.v1.HelloReply;
import io.leasehold.raft.proto.v1.HelloRequest;
import io.leasehold.raft.proto.v1.MembershipGrpc;
import io.leasehold.raft.proto.v1.RegisterReply;
import io.leasehold.raft.proto.v1.RegisterReply.Result;
import io.leasehold.raft.proto.v1.RegisterRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides whether and how this member may take part, before Raft starts, and sees to it afterwards
 * that the cluster has it on record.
 *
 * <p>A member whose data directory is new either founds the cluster together with others that are
 * new as well, or comes late, or lost its data. The last must not vote: with its votes forgotten it
 * could help elect a leader that lacks acknowledged entries. It is told from the others by the
 * identity that the cluster has on record for its name.
 *
 * <p>Blocks its caller, one thread before and one after the start of Raft; ends when that thread is
 * interrupted.
 */
public final class Enrolment {
  private static final Logger LOG = LoggerFactory.getLogger(Enrolment.class);

  private static final long CALL_MILLIS_MAX = 1000;

  /** Adding a voter answers once it has caught up. */
  private static final long REPLACE_CALL_MILLIS_MAX = 10_000;

  private static final long PAUSE_NANOS = 200_000_000;
  private static final long REPORT_NANOS = 3_000_000_000L;

  private final RaftMemberConfig config;
  private final DataDirectory directory;
  private final long clusterId;
  private final Function<String, Channel> channels;
  private final NanoClock clock;
  private long reportedNanos;

  public Enrolment(
      RaftMemberConfig config,
      DataDirectory directory,
      long clusterId,
      Function<String, Channel> channels,
      NanoClock clock) {
    this.config = config;
    this.directory = directory;
    this.clusterId = clusterId;
    this.channels = channels;
    this.clock = clock;
    this.reportedNanos = clock.nanoTime();
  }

  /**
   * Waits until this member may start Raft. Returns true when it starts as one of the configured
   * voters, false when it starts without any vote, to be added by the leader.
   */
  public boolean awaitAdmission() throws StartException, DataDirectoryException {
    if (!directory.isFresh() && !directory.isJoining()) {
      if (config.replace()) {
        LOG.info(
            "{} holds the data of member {}: nothing to replace", directory.root(), config.name());
      }
      return true;
    }
    if (config.replace() && directory.isFresh()) {
      directory.markJoining();
    }
    directory.establish();
    if (directory.isJoining()) {
      // After a restart too: until it is known that the former self has lost its vote, this member
      // must neither vote nor acknowledge in its name.
      if (!directory.isReplacementOnRecord()) {
        awaitReplacementOnRecord();
        directory.markReplacementOnRecord();
      }
      return false;
    }
    if (config.initialClusterState() != ClusterState.NEW || !foundsCluster()) {
      awaitRegistration();
    }
    // Written before Raft first runs here, so that a crash of all members while the cluster forms
    // leaves none of them waiting for a leader that needs it.
    directory.markStarted();
    return true;
  }

  /**
   * Sees to it that the leader has this member on record, and, when it is replaced, that it votes.
   * Returns when that is so.
   *
   * @param fatal told when the cluster knows another under this name
   */
  public void confirm(FatalErrorHandler fatal) {
    try {
      if (directory.isJoining()) {
        while (!replaceDone()) {
          report("member {} is waiting to be added to the voters", config.name());
          pause();
        }
        directory.markStarted();
        directory.markJoined();
        LOG.info("member {} has been replaced and votes", config.name());
      }
      awaitRegistration();
    } catch (StartException | DataDirectoryException e) {
      if (!Thread.currentThread().isInterrupted()) {
        fatal.fail(String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * Waits until enough members answer, and returns whether all that did are new, so that this one
   * may found the cluster with them.
   */
  private boolean foundsCluster() throws StartException {
    int majority = config.initialCluster().size() / 2 + 1;
    while (true) {
      List<String> silent = new ArrayList<>();
      int reached = 1;
      for (String peer : peers()) {
        HelloReply reply = hello(peer);
        if (reply == null) {
          silent.add(peer);
        } else if (!reply.getFresh()) {
          return false;
        } else {
          reached++;
        }
      }
      if (reached >= majority) {
        return true;
      }
      report("a new cluster needs {} of its members; waiting for {}", majority, silent);
      pause();
    }
  }

  private @Nullable HelloReply hello(String peer) throws StartException {
    try {
      HelloReply reply =
          MembershipGrpc.newBlockingStub(channels.apply(peer))
              .withDeadlineAfter(CALL_MILLIS_MAX, TimeUnit.MILLISECONDS)
              .hello(
                  HelloRequest.newBuilder().setClusterId(clusterId).setName(config.name()).build());
      if (reply.getClusterId() != clusterId || !reply.getName().equals(peer)) {
        throw new StartException(
            String.format(
                "%s is member %s of cluster %016x, not member %s of cluster %016x;"
                    + " check --initial-cluster and --initial-cluster-token",
                config.initialCluster().get(peer),
                reply.getName(),
                reply.getClusterId(),
                peer,
                clusterId));
      }
      return reply;
    } catch (StatusRuntimeException e) {
      return null;
    }
  }

  private void awaitRegistration() throws StartException {
    while (!registered()) {
      report("member {} is waiting for a leader that puts it on record", config.name());
      pause();
    }
  }

  private void awaitReplacementOnRecord() throws StartException {
    LOG.info("member {} takes the place of its former self", config.name());
    while (true) {
      for (String peer : peers()) {
        RegisterReply reply = call(peer, true, false);
        refuse(reply);
        if (reply != null
            && (reply.getResult() == Result.ON_RECORD || reply.getResult() == Result.DONE)) {
          return;
        }
      }
      report("member {} is waiting for a leader that replaces it", config.name());
      pause();
    }
  }

  private boolean replaceDone() throws StartException {
    for (String peer : peers()) {
      RegisterReply reply = call(peer, true, true);
      refuse(reply);
      if (reply != null && reply.getResult() == Result.DONE) {
        return true;
      }
    }
    return false;
  }

  private boolean registered() throws StartException {
    for (String member : config.initialCluster().keySet()) {
      RegisterReply reply = call(member, false, true);
      refuse(reply);
      if (reply != null && reply.getResult() == Result.DONE) {
        return true;
      }
      if (reply != null && reply.getResult() == Result.CONFLICT) {
        throw new StartException(reply.getDetail());
      }
    }
    return false;
  }

  private static void refuse(@Nullable RegisterReply reply) throws StartException {
    if (reply != null && reply.getResult() == Result.REFUSED) {
      throw new StartException(reply.getDetail());
    }
  }

  private @Nullable RegisterReply call(String peer, boolean replace, boolean running) {
    RegisterRequest request =
        RegisterRequest.newBuilder()
            .setClusterId(clusterId)
            .setName(config.name())
            .setIdentity(directory.identity())
            .addAllClientUrls(config.clientUrls())
            .setRunning(running)
            .build();
    MembershipGrpc.MembershipBlockingStub stub =
        MembershipGrpc.newBlockingStub(channels.apply(peer))
            .withDeadlineAfter(
                replace ? REPLACE_CALL_MILLIS_MAX : CALL_MILLIS_MAX, TimeUnit.MILLISECONDS);
    try {
      return replace ? stub.replace(request) : stub.register(request);
    } catch (StatusRuntimeException e) {
      return null;
    }
  }

  private List<String> peers() {
    return config.initialCluster().keySet().stream()
        .filter(name -> !name.equals(config.name()))
        .toList();
  }

  private void report(String format, Object... arguments) {
    long now = clock.nanoTime();
    if (now - reportedNanos > REPORT_NANOS) {
      reportedNanos = now;
      LOG.info(format, arguments);
    }
  }

  private static void pause() throws StartException {
    LockSupport.parkNanos(PAUSE_NANOS);
    if (Thread.currentThread().isInterrupted()) {
      throw new StartException("interrupted while waiting for the other members");
    }
  }
}
