package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.AlarmMember;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.DefragmentRequest;
import io.leasehold.api.etcdserverpb.DefragmentResponse;
import io.leasehold.api.etcdserverpb.HashKVRequest;
import io.leasehold.api.etcdserverpb.HashKVResponse;
import io.leasehold.api.etcdserverpb.HashRequest;
import io.leasehold.api.etcdserverpb.HashResponse;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.MoveLeaderResponse;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.StateStoreException;
import io.leasehold.raft.Replica;
import io.leasehold.server.quota.SpaceQuota;
import io.leasehold.server.route.LeaseRouter;
import io.leasehold.server.route.RequestFailure;
import java.util.concurrent.Executor;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * etcd's Maintenance service, but for taking a snapshot over the wire. Runs on event loops; what
 * takes time runs on the threads of {@link KeyReads} and on the executor.
 */
public final class MaintenanceService extends MaintenanceGrpc.MaintenanceImplBase {
  /** The version of the etcd interface that is spoken here. */
  public static final String PROTOCOL_VERSION = "3.5.0";

  /** The engine's figure for what is left of the state without what was deleted. */
  private static final String LIVE_BYTES = "rocksdb_live_data_bytes";

  private static final Logger LOG = LoggerFactory.getLogger(MaintenanceService.class);

  private final Replica replica;
  private final LeaseRouter router;
  private final KeyReads reads;
  private final SpaceQuota quota;
  private final LeaderTransfers transfers;
  private final Executor defragmentations;
  private final ResponseHeaders headers;
  private final ToLongFunction<String> memberIds;

  /**
   * @param defragmentations runs defragmentations, which take long, one after the other
   * @param memberIds ID of the member of that name
   */
  public MaintenanceService(
      Replica replica,
      LeaseRouter router,
      KeyReads reads,
      SpaceQuota quota,
      LeaderTransfers transfers,
      Executor defragmentations,
      ResponseHeaders headers,
      ToLongFunction<String> memberIds) {
    this.replica = replica;
    this.router = router;
    this.reads = reads;
    this.quota = quota;
    this.transfers = transfers;
    this.defragmentations = defragmentations;
    this.headers = headers;
    this.memberIds = memberIds;
  }

  @Override
  public void status(StatusRequest request, StreamObserver<StatusResponse> observer) {
    Replica.Status status = replica.status();
    Replica.Leadership leadership = replica.leadership();
    StatusResponse.Builder response =
        StatusResponse.newBuilder()
            .setHeader(headers.current())
            .setVersion(PROTOCOL_VERSION)
            .setStorageVersion(PROTOCOL_VERSION)
            .setDbSize(status.stateBytes())
            .setDbSizeInUse(replica.figures().getOrDefault(LIVE_BYTES, status.stateBytes()))
            .setDbSizeQuota(quota.quotaBytes())
            .setRaftIndex(status.committedIndex())
            .setRaftTerm(leadership.term())
            .setRaftAppliedIndex(status.appliedIndex());
    String leader = leadership.leader();
    if (leader == null) {
      response.addErrors(EtcdError.NO_LEADER.text());
    } else {
      response.setLeader(memberIds.applyAsLong(leader));
    }
    for (AlarmRecord alarm : replica.alarms()) {
      response.addErrors(
          "memberID:"
              + Long.toUnsignedString(alarm.memberId())
              + " alarm:"
              + type(alarm.alarm()).name()
              + " ");
    }
    new UnaryAnswer<>(observer).send(response.build());
  }

  @Override
  public void alarm(AlarmRequest request, StreamObserver<AlarmResponse> observer) {
    UnaryAnswer<AlarmResponse> answer = new UnaryAnswer<>(observer);
    switch (request.getAction()) {
      case GET -> listAlarms(request, answer);
      case ACTIVATE, DEACTIVATE -> setAlarm(request, answer);
      case UNRECOGNIZED ->
          answer.fail(
              Status.INVALID_ARGUMENT.withDescription("leasehold: unknown action on alarms"));
    }
  }

  private void listAlarms(AlarmRequest request, UnaryAnswer<AlarmResponse> answer) {
    behindBarrier(
        answer,
        () -> {
          AlarmResponse.Builder response = AlarmResponse.newBuilder().setHeader(headers.current());
          for (AlarmRecord alarm : replica.alarms()) {
            AlarmType type = type(alarm.alarm());
            boolean isMeant =
                (request.getMemberID() == 0 || request.getMemberID() == alarm.memberId())
                    && (request.getAlarm() == AlarmType.NONE || request.getAlarm() == type);
            if (isMeant) {
              response.addAlarms(
                  AlarmMember.newBuilder().setMemberID(alarm.memberId()).setAlarm(type));
            }
          }
          answer.send(response.build());
        });
  }

  private void setAlarm(AlarmRequest request, UnaryAnswer<AlarmResponse> answer) {
    boolean isRaised = request.getAction() == AlarmRequest.AlarmAction.ACTIVATE;
    Alarm alarm = alarm(request.getAlarm());
    if (alarm == null) {
      // As in etcd: there is no such alarm to do anything about.
      answer.send(AlarmResponse.newBuilder().setHeader(headers.current()).build());
      return;
    }
    long memberId = request.getMemberID();
    if (isRaised && memberId == 0) {
      memberId = headers.current().getMemberId();
    }
    AlarmMember named =
        AlarmMember.newBuilder().setMemberID(memberId).setAlarm(request.getAlarm()).build();
    router.propose(
        new Command.SetAlarm(memberId, alarm, isRaised),
        request.getSerializedSize(),
        new LeaseRouter.CommandCallback() {
          @Override
          public void applied(Outcome outcome) {
            AlarmResponse.Builder response =
                AlarmResponse.newBuilder().setHeader(headers.current());
            boolean isChanged = outcome instanceof Outcome.AlarmSet set && set.changed();
            if (isRaised || isChanged) {
              response.addAlarms(named);
            }
            answer.send(response.build());
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  /**
   * Gives back the space of everything that was compacted before this call, however far the
   * deletion behind it has come by now. Without a leader it does what this member knows of.
   */
  @Override
  public void defragment(DefragmentRequest request, StreamObserver<DefragmentResponse> observer) {
    UnaryAnswer<DefragmentResponse> answer = new UnaryAnswer<>(observer);
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            defragmentWhenScrubbed(answer);
          }

          @Override
          public void failed(RequestFailure failure) {
            defragmentWhenScrubbed(answer);
          }
        });
  }

  private void defragmentWhenScrubbed(UnaryAnswer<DefragmentResponse> answer) {
    long compactedRevision;
    try (KeyReading keys = replica.openKeys()) {
      compactedRevision = keys.compactedRevision();
    } catch (StateStoreException e) {
      LOG.error("cannot defragment", e);
      answer.fail(EtcdError.FAILED);
      return;
    }
    replica.whenScrubbed(
        compactedRevision,
        isScrubbed -> {
          if (isScrubbed) {
            defragmentations.execute(() -> defragment(answer));
          } else {
            answer.fail(EtcdError.STOPPED);
          }
        });
  }

  private void defragment(UnaryAnswer<DefragmentResponse> answer) {
    try {
      long before = replica.status().stateBytes();
      replica.defragment();
      quota.look();
      LOG.info(
          "defragmented: the state took {} bytes and takes {}",
          before,
          replica.status().stateBytes());
    } catch (StateStoreException e) {
      LOG.error("defragmenting failed", e);
      answer.fail(EtcdError.FAILED);
      return;
    }
    answer.send(DefragmentResponse.newBuilder().setHeader(headers.withoutRevision()).build());
  }

  @Override
  public void hash(HashRequest request, StreamObserver<HashResponse> observer) {
    new UnaryAnswer<>(observer)
        .send(
            HashResponse.newBuilder()
                .setHeader(headers.current())
                .setHash(folded(replica.stateHash()))
                .build());
  }

  /** Answers the hash of the keys as of a revision, by default of the newest committed by now. */
  @Override
  public void hashKV(HashKVRequest request, StreamObserver<HashKVResponse> observer) {
    UnaryAnswer<HashKVResponse> answer = new UnaryAnswer<>(observer);
    behindBarrier(
        answer,
        () -> reads.read(false, view -> hash(view, request.getRevision(), answer), answer::fail));
  }

  private void hash(KeyReading view, long asked, UnaryAnswer<HashKVResponse> answer) {
    long revision = asked <= 0 ? view.revision() : asked;
    if (revision > view.revision()) {
      answer.fail(EtcdError.FUTURE_REVISION);
    } else if (revision < view.compactedRevision()) {
      answer.fail(EtcdError.COMPACTED);
    } else {
      HistoryHash hash = view.hash(revision);
      answer.send(
          HashKVResponse.newBuilder()
              .setHeader(headers.at(view.revision()))
              .setHash(hash.hash())
              .setCompactRevision(hash.compactedRevision())
              .setHashRevision(hash.revision())
              .build());
    }
  }

  @Override
  public void moveLeader(MoveLeaderRequest request, StreamObserver<MoveLeaderResponse> observer) {
    UnaryAnswer<MoveLeaderResponse> answer = new UnaryAnswer<>(observer);
    String target = null;
    for (String member : replica.voters()) {
      if (memberIds.applyAsLong(member) == request.getTargetID()) {
        target = member;
      }
    }
    if (!replica.leadership().isLeader()) {
      answer.fail(EtcdError.NOT_LEADER);
    } else if (target == null) {
      answer.fail(EtcdError.BAD_LEADER_TRANSFEREE);
    } else {
      transfers.transferTo(
          target,
          isLeading -> {
            if (isLeading) {
              answer.send(
                  MoveLeaderResponse.newBuilder().setHeader(headers.withoutRevision()).build());
            } else {
              answer.fail(EtcdError.LEADER_TRANSFER_TIMED_OUT);
            }
          });
    }
  }

  private void behindBarrier(UnaryAnswer<?> answer, Runnable passed) {
    router.readBarrier(
        new LeaseRouter.BarrierCallback() {
          @Override
          public void passed() {
            passed.run();
          }

          @Override
          public void failed(RequestFailure failure) {
            answer.failed(failure);
          }
        });
  }

  private static AlarmType type(Alarm alarm) {
    return alarm == Alarm.NO_SPACE ? AlarmType.NOSPACE : AlarmType.CORRUPT;
  }

  private static @Nullable Alarm alarm(AlarmType type) {
    return switch (type) {
      case NOSPACE -> Alarm.NO_SPACE;
      case CORRUPT -> Alarm.CORRUPT;
      case NONE, UNRECOGNIZED -> null;
    };
  }

  private static int folded(long hash) {
    return (int) (hash ^ (hash >>> 32));
  }
}
