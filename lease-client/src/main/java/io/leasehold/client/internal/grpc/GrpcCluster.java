package io.leasehold.client.internal.grpc;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.ClusterGrpc;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.client.Cluster;
import io.leasehold.client.ClusterAlarm;
import io.leasehold.client.ClusterMember;
import io.leasehold.client.EndpointReport;
import io.leasehold.client.MemberStatus;
import io.leasehold.client.internal.grpc.Calls.Repeat;
import io.leasehold.client.internal.time.NanoClock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** {@link Cluster} over gRPC. Any thread. */
public final class GrpcCluster implements Cluster {
  /** The key whose read shows that there is a majority; etcdctl reads the same. */
  private static final RangeRequest PROBE =
      RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8("health")).build();

  private final Calls calls;
  private final Endpoints endpoints;
  private final NanoClock clock;
  private final Executor callbacks;

  public GrpcCluster(Calls calls, Endpoints endpoints, NanoClock clock, Executor callbacks) {
    this.calls = calls;
    this.endpoints = endpoints;
    this.clock = clock;
    this.callbacks = callbacks;
  }

  private CompletableFuture<List<ClusterMember>> listed() {
    return calls
        .call(
            ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance(), Repeat.READ)
        .thenApply(a -> a.answer().getMembersList().stream().map(GrpcCluster::member).toList());
  }

  private static ClusterMember member(Member member) {
    return new ClusterMember(
        member.getID(),
        member.getName(),
        member.getPeerURLsList(),
        member.getClientURLsList(),
        member.getIsLearner());
  }

  private CompletableFuture<Optional<ClusterMember>> found() {
    CompletableFuture<Long> leader =
        calls
            .call(
                MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance(), Repeat.READ)
            .thenApply(a -> a.answer().getLeader());
    return listed()
        .thenCombine(leader, (all, id) -> all.stream().filter(one -> one.id() == id).findFirst());
  }

  private CompletableFuture<List<EndpointReport>> reported() {
    List<CompletableFuture<EndpointReport>> all =
        endpoints.all().stream().map(this::report).toList();
    return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new))
        .thenApply(done -> all.stream().map(CompletableFuture::join).toList());
  }

  private CompletableFuture<EndpointReport> report(Endpoint endpoint) {
    CompletableFuture<Optional<MemberStatus>> status =
        calls
            .callAt(endpoint, MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance())
            .thenApply(answer -> Optional.of(status(answer)))
            .exceptionally(failure -> Optional.empty());
    long begunNanos = clock.nanoTime();
    CompletableFuture<String> problem =
        calls
            .callAt(endpoint, KVGrpc.getRangeMethod(), PROBE)
            .handle((answer, failure) -> failure == null ? "" : text(failure));
    return problem.thenCombine(
        status,
        (text, said) ->
            new EndpointReport(
                endpoint.address(),
                said,
                text.isEmpty(),
                Duration.ofNanos(clock.nanoTime() - begunNanos),
                text));
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isEmpty() ? failure.getClass().getSimpleName() : message;
  }

  private static MemberStatus status(StatusResponse answer) {
    return new MemberStatus(
        answer.getHeader().getMemberId(),
        answer.getLeader(),
        answer.getVersion(),
        answer.getDbSize(),
        answer.getRaftTerm(),
        answer.getRaftIndex(),
        answer.getRaftAppliedIndex(),
        answer.getIsLearner(),
        answer.getErrorsList());
  }

  private CompletableFuture<List<ClusterAlarm>> raised() {
    AlarmRequest request = AlarmRequest.newBuilder().setAction(AlarmAction.GET).build();
    return calls
        .call(MaintenanceGrpc.getAlarmMethod(), request, Repeat.READ)
        .thenApply(
            a ->
                a.answer().getAlarmsList().stream()
                    .map(one -> new ClusterAlarm(one.getMemberID(), kind(one.getAlarm())))
                    .toList());
  }

  private static ClusterAlarm.Kind kind(AlarmType type) {
    return switch (type) {
      case NOSPACE -> ClusterAlarm.Kind.NO_SPACE;
      case CORRUPT -> ClusterAlarm.Kind.CORRUPT;
      default -> ClusterAlarm.Kind.OTHER;
    };
  }

  @Override
  public CompletableFuture<List<ClusterMember>> membersAsync() {
    return Answers.on(callbacks, listed());
  }

  @Override
  public List<ClusterMember> members() {
    return Answers.await(listed());
  }

  @Override
  public CompletableFuture<Optional<ClusterMember>> leaderAsync() {
    return Answers.on(callbacks, found());
  }

  @Override
  public Optional<ClusterMember> leader() {
    return Answers.await(found());
  }

  @Override
  public CompletableFuture<List<EndpointReport>> reportsAsync() {
    return Answers.on(callbacks, reported());
  }

  @Override
  public List<EndpointReport> reports() {
    return Answers.await(reported());
  }

  @Override
  public CompletableFuture<List<ClusterAlarm>> alarmsAsync() {
    return Answers.on(callbacks, raised());
  }

  @Override
  public List<ClusterAlarm> alarms() {
    return Answers.await(raised());
  }
}
