package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.v3electionpb.CampaignRequest;
import io.leasehold.api.v3electionpb.CampaignResponse;
import io.leasehold.api.v3electionpb.ElectionGrpc;
import io.leasehold.api.v3electionpb.LeaderKey;
import io.leasehold.api.v3electionpb.LeaderRequest;
import io.leasehold.api.v3electionpb.LeaderResponse;
import io.leasehold.api.v3electionpb.ProclaimRequest;
import io.leasehold.api.v3electionpb.ProclaimResponse;
import io.leasehold.api.v3electionpb.ResignRequest;
import io.leasehold.api.v3electionpb.ResignResponse;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyValue;
import io.leasehold.server.message.KeyValueMessage;
import io.leasehold.server.recipe.Contender;
import io.leasehold.server.recipe.Elections;
import io.leasehold.server.recipe.KeyAccess;
import io.leasehold.server.recipe.Observation;
import io.leasehold.server.recipe.Writing;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * etcd's Election service: who is first in the line of a name leads, and publishes a value with its
 * place. Any thread, nothing blocks.
 */
public final class ElectionService extends ElectionGrpc.ElectionImplBase {
  private static final Status NOT_LEADER = Status.UNKNOWN.withDescription("election: not leader");
  private static final Status NO_LEADER = Status.UNKNOWN.withDescription("election: no leader");
  private static final Status NO_LEADER_KEY =
      Status.UNKNOWN.withDescription("\"leader\" field must be provided");

  /** Of the lease that is granted to a candidate who brings none, as with etcd. */
  private static final long OWN_LEASE_TTL_SECONDS = 60;

  private final KeyAccess keys;
  private final ResponseHeaders headers;
  private final OpenStreams openCalls;

  public ElectionService(KeyAccess keys, ResponseHeaders headers, OpenStreams openCalls) {
    this.keys = keys;
    this.headers = headers;
    this.openCalls = openCalls;
  }

  @Override
  public void campaign(CampaignRequest request, StreamObserver<CampaignResponse> observer) {
    LongCall<CampaignResponse> call = longCall(observer);
    if (request.getLease() != 0) {
      campaign(request, request.getLease(), call);
    } else {
      CompletableFuture<Void> unused =
          keys.grant(OWN_LEASE_TTL_SECONDS)
              .thenAccept(leaseId -> campaign(request, leaseId, call))
              .whenComplete(call::failedIfNotNull);
    }
  }

  private void campaign(CampaignRequest request, long leaseId, LongCall<CampaignResponse> call) {
    Contender contender =
        new Contender(
            keys,
            KeyMessages.bytes(request.getName()),
            leaseId,
            KeyMessages.bytes(request.getValue()),
            NOT_LEADER);
    call.onGivenUp(contender::leave);
    CompletableFuture<Void> unused =
        contender
            .enter()
            .thenAccept(
                place ->
                    call.send(
                        CampaignResponse.newBuilder()
                            .setHeader(headers.at(place.revision()))
                            .setLeader(
                                LeaderKey.newBuilder()
                                    .setName(request.getName())
                                    .setKey(KeyMessages.field(place.key()))
                                    .setRev(place.createRevision())
                                    .setLease(leaseId))
                            .build(),
                        contender::giveBack))
            .whenComplete(call::failedIfNotNull);
  }

  @Override
  public void proclaim(ProclaimRequest request, StreamObserver<ProclaimResponse> observer) {
    LongCall<ProclaimResponse> call = longCall(observer);
    if (!request.hasLeader()) {
      call.fail(NO_LEADER_KEY);
      return;
    }
    LeaderKey leader = request.getLeader();
    CompletableFuture<Void> unused =
        keys.transact(
                Writing.whileCreatedAt(
                    KeyMessages.bytes(leader.getKey()),
                    leader.getRev(),
                    leader.getLease(),
                    KeyMessages.bytes(request.getValue())))
            .thenAccept(
                outcome -> {
                  if (outcome.result().succeeded()) {
                    call.send(
                        ProclaimResponse.newBuilder()
                            .setHeader(headers.at(outcome.revision()))
                            .build());
                  } else {
                    call.fail(NOT_LEADER);
                  }
                })
            .whenComplete(call::failedIfNotNull);
  }

  @Override
  public void leader(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
    LongCall<LeaderResponse> call = longCall(observer);
    CompletableFuture<Void> unused =
        Elections.leader(keys, KeyMessages.bytes(request.getName()))
            .thenAccept(
                found -> {
                  if (found.leader() == null) {
                    call.fail(NO_LEADER);
                  } else {
                    call.send(answer(found.leader(), found.revision()));
                  }
                })
            .whenComplete(call::failedIfNotNull);
  }

  @Override
  public void observe(LeaderRequest request, StreamObserver<LeaderResponse> observer) {
    new ObserveStream((ServerCallStreamObserver<LeaderResponse>) observer)
        .begin(KeyMessages.bytes(request.getName()));
  }

  /**
   * One client's observation. A client that reads slowly misses values that were replaced
   * meanwhile, never the newest.
   */
  private final class ObserveStream implements OpenStreams.OpenStream, Observation.Listener {
    private final ServerCallStreamObserver<LeaderResponse> stream;
    private final SerialSender<LeaderResponse> sender;
    private final AtomicReference<@Nullable LeaderResponse> unsent = new AtomicReference<>();
    private volatile @Nullable Observation observation;

    ObserveStream(ServerCallStreamObserver<LeaderResponse> stream) {
      this.stream = stream;
      this.sender = new SerialSender<>(stream);
    }

    void begin(Bytes name) {
      Observation begun = new Observation(keys, name, this);
      observation = begun;
      stream.setOnCancelHandler(this::end);
      stream.setOnReadyHandler(this::sendUnsent);
      openCalls.add(this, RequireLeader.isRequired());
      begun.begin();
    }

    @Override
    public void leads(KeyValue first, long revision) {
      unsent.set(answer(first, revision));
      if (stream.isReady()) {
        sendUnsent();
      }
    }

    private void sendUnsent() {
      LeaderResponse newest = unsent.getAndSet(null);
      if (newest != null) {
        sender.send(newest);
      }
    }

    @Override
    public void failed(Throwable cause) {
      end();
      sender.fail(LongCall.statusOf(cause));
    }

    @Override
    public void cut(EtcdError why) {
      end();
      sender.fail(why.status());
    }

    private void end() {
      openCalls.remove(this);
      Observation current = observation;
      if (current != null) {
        current.close();
      }
    }
  }

  @Override
  public void resign(ResignRequest request, StreamObserver<ResignResponse> observer) {
    LongCall<ResignResponse> call = longCall(observer);
    if (!request.hasLeader()) {
      call.fail(NO_LEADER_KEY);
      return;
    }
    LeaderKey leader = request.getLeader();
    CompletableFuture<Void> unused =
        keys.transact(Writing.leaving(KeyMessages.bytes(leader.getKey()), leader.getRev()))
            .thenAccept(
                outcome ->
                    call.send(
                        ResignResponse.newBuilder()
                            .setHeader(headers.at(outcome.revision()))
                            .build()))
            .whenComplete(call::failedIfNotNull);
  }

  private LeaderResponse answer(KeyValue leader, long revision) {
    return LeaderResponse.newBuilder()
        .setHeader(headers.at(revision))
        .setKv(KeyValueMessage.of(leader))
        .build();
  }

  private <T> LongCall<T> longCall(StreamObserver<T> observer) {
    return new LongCall<>((ServerCallStreamObserver<T>) observer, openCalls);
  }
}
