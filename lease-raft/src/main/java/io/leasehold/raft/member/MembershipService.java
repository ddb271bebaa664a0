package io.leasehold.raft.member;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.raft.Replica;
import io.leasehold.raft.proto.v1.HelloReply;
import io.leasehold.raft.proto.v1.HelloRequest;
import io.leasehold.raft.proto.v1.MembershipGrpc;
import io.leasehold.raft.proto.v1.RegisterReply;
import io.leasehold.raft.proto.v1.RegisterReply.Result;
import io.leasehold.raft.proto.v1.RegisterRequest;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who is here, and puts members on record when this one leads. Serves members that are not yet
 * on record too, so it does not ask whose identity is known. Any thread; never blocks.
 */
public final class MembershipService extends MembershipGrpc.MembershipImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(MembershipService.class);

  private final long clusterId;
  private final String ownName;
  private final Set<String> names;
  private final Replica replica;
  private final VoterChanges voterChanges;
  private final Supplier<@Nullable Boolean> fresh;

  /**
   * Makes the service of one member.
   *
   * @param fresh tells, without blocking, whether this member has never taken part in the cluster;
   *     null while that is not known
   */
  public MembershipService(
      long clusterId,
      String ownName,
      Set<String> names,
      Replica replica,
      VoterChanges voterChanges,
      Supplier<@Nullable Boolean> fresh) {
    this.clusterId = clusterId;
    this.ownName = ownName;
    this.names = names;
    this.replica = replica;
    this.voterChanges = voterChanges;
    this.fresh = fresh;
  }

  @Override
  public void hello(HelloRequest request, StreamObserver<HelloReply> answers) {
    Boolean isFresh = fresh.get();
    if (isFresh == null) {
      answers.onError(
          Status.UNAVAILABLE.withDescription("the log is being opened").asRuntimeException());
      return;
    }
    answers.onNext(
        HelloReply.newBuilder().setClusterId(clusterId).setName(ownName).setFresh(isFresh).build());
    answers.onCompleted();
  }

  @Override
  public void register(RegisterRequest request, StreamObserver<RegisterReply> answers) {
    if (isOfThisCluster(request, answers)) {
      whenCertainlyLeading(answers, term -> register(request, term, false, answers));
    }
  }

  @Override
  public void replace(RegisterRequest request, StreamObserver<RegisterReply> answers) {
    if (isOfThisCluster(request, answers)) {
      whenCertainlyLeading(answers, term -> replace(request, term, answers));
    }
  }

  private boolean isOfThisCluster(RegisterRequest request, StreamObserver<RegisterReply> answers) {
    if (request.getClusterId() != clusterId) {
      answer(
          answers,
          Result.REFUSED,
          String.format(
              "member %s belongs to cluster %016x, this is cluster %016x;"
                  + " check --initial-cluster and --initial-cluster-token",
              request.getName(), request.getClusterId(), clusterId));
      return false;
    }
    if (!names.contains(request.getName()) || request.getIdentity().isEmpty()) {
      answer(
          answers,
          Result.REFUSED,
          "no member of this cluster is named " + request.getName() + "; check --name");
      return false;
    }
    return true;
  }

  private void whenCertainlyLeading(StreamObserver<RegisterReply> answers, Consumer<Long> then) {
    Replica.Leadership leadership = replica.leadership();
    if (!leadership.isLeader()) {
      answer(answers, Result.TRY_AGAIN, "the leader is " + leadership.leader());
      return;
    }
    replica.leaderBarrier(
        leadership.term(),
        leads -> {
          if (leads) {
            then.accept(leadership.term());
          } else {
            answer(answers, Result.TRY_AGAIN, "leadership is changing");
          }
        });
  }

  private void register(
      RegisterRequest request, long term, boolean replace, StreamObserver<RegisterReply> answers) {
    MemberRecord wanted =
        new MemberRecord(request.getName(), request.getIdentity(), request.getClientUrlsList());
    if (wanted.equals(record(request.getName()))) {
      answer(answers, Result.DONE, "on record");
      return;
    }
    replica.propose(
        new Command.RegisterMember(wanted.name(), wanted.identity(), wanted.clientUrls(), replace),
        term,
        result -> {
          if (!(result instanceof ProposalResult.Applied applied)) {
            answer(answers, Result.TRY_AGAIN, result.toString());
          } else if (applied.outcome() instanceof Outcome.MemberConflict) {
            answer(answers, Result.CONFLICT, conflict(request.getName()));
          } else {
            LOG.info(
                "member {} is on record, clients reach it at {}",
                wanted.name(),
                wanted.clientUrls());
            answer(answers, Result.DONE, "on record");
          }
        });
  }

  /**
   * Takes one step: the former self loses its vote, the new identity goes on record, the new self
   * catches up and votes. Each call finds out where it stands, so it can be repeated at will, with
   * a new leader too.
   */
  private void replace(RegisterRequest request, long term, StreamObserver<RegisterReply> answers) {
    String name = request.getName();
    MemberRecord known = record(name);
    boolean onRecord = known != null && known.identity().equals(request.getIdentity());
    boolean votes = replica.voters().contains(name);
    if (onRecord && votes) {
      answer(answers, Result.DONE, "member " + name + " votes");
    } else if (onRecord && !request.getRunning()) {
      answer(answers, Result.ON_RECORD, "member " + name + " may start");
    } else if (onRecord) {
      LOG.info("adding member {} to the voters", name);
      voterChanges.addVoter(name, why -> changed(answers, "adding " + name, why));
    } else if (votes) {
      LOG.info("taking the former member {} out of the voters: it is being replaced", name);
      voterChanges.removeVoter(name, why -> changed(answers, "removing " + name, why));
    } else {
      // The answer DONE means more than on record here: let the caller come again.
      replica.propose(
          new Command.RegisterMember(
              name, request.getIdentity(), request.getClientUrlsList(), true),
          term,
          result -> answer(answers, Result.TRY_AGAIN, "put on record: " + result));
    }
  }

  private static void changed(
      StreamObserver<RegisterReply> answers, String what, @Nullable String why) {
    if (why != null) {
      LOG.info("{} failed: {}", what, why);
    }
    answer(answers, Result.TRY_AGAIN, what + (why == null ? ": done" : ": " + why));
  }

  private @Nullable MemberRecord record(String name) {
    for (MemberRecord known : replica.members()) {
      if (known.name().equals(name)) {
        return known;
      }
    }
    return null;
  }

  /** Returns the one line that a member which lost its data is stopped with. */
  private static String conflict(String name) {
    return "the data directory of member "
        + name
        + " is new, but the cluster knows "
        + name
        + " with another one: it may not vote again without its data;"
        + " if that is gone for good, start the member once with --replace-member"
        + " (./leasehold restart N --replace)";
  }

  private static void answer(StreamObserver<RegisterReply> answers, Result result, String detail) {
    synchronized (answers) {
      answers.onNext(RegisterReply.newBuilder().setResult(result).setDetail(detail).build());
      answers.onCompleted();
    }
  }
}
