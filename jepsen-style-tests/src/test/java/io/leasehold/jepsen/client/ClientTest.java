package io.leasehold.jepsen.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.api.v3lockpb.LockGrpc;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.api.v3lockpb.LockResponse;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ClientTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Request PUT = new Request.Put("k", "v", 0, false);

  private final AtomicInteger puts = new AtomicInteger();

  private final class Keys extends KVGrpc.KVImplBase {
    private final boolean answersReads;

    Keys(boolean answersReads) {
      this.answersReads = answersReads;
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> observer) {
      puts.incrementAndGet();
      String key = request.getKey().toStringUtf8();
      if (key.equals("refused")) {
        observer.onError(
            Status.NOT_FOUND
                .withDescription("etcdserver: requested lease not found")
                .asRuntimeException());
      } else if (key.equals("unavailable")) {
        observer.onError(Status.UNAVAILABLE.asRuntimeException());
      } else if (!key.equals("silence")) {
        observer.onNext(
            PutResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(7).setRaftTerm(3))
                .build());
        observer.onCompleted();
      }
    }

    @Override
    public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
      if (answersReads) {
        observer.onNext(
            RangeResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(9))
                .addKvs(KeyValue.newBuilder().setKey(request.getKey()).setCreateRevision(5))
                .build());
        observer.onCompleted();
      } else {
        observer.onError(
            Status.INVALID_ARGUMENT.withDescription("etcdserver: no").asRuntimeException());
      }
    }
  }

  private static final class Locks extends LockGrpc.LockImplBase {
    @Override
    public void lock(LockRequest request, StreamObserver<LockResponse> observer) {
      observer.onNext(
          LockResponse.newBuilder()
              .setHeader(ResponseHeader.newBuilder().setRevision(6))
              .setKey(ByteString.copyFromUtf8("lock/1"))
              .build());
      observer.onCompleted();
    }
  }

  private static Client client(FakeMember member, Duration deadline) {
    return new Client(
        member.connections(), MemberChoice.pinned("n1"), deadline, new Processes(), new RunClock());
  }

  private static Request put(String key) {
    return new Request.Put(key, "v", 0, false);
  }

  @Test
  void anAnswerIsOkWithItsHeader() throws IOException {
    try (FakeMember member = new FakeMember(new Keys(true))) {
      Op op = client(member, LONG).call(PUT);

      assertThat(op.result()).isEqualTo(Result.OK);
      assertThat(op.answer()).isEqualTo(new Answer.Written(null));
      assertThat(op.revision()).isEqualTo(7);
      assertThat(op.term()).isEqualTo(3);
      assertThat(op.node()).isEqualTo("n1");
      assertThat(op.returnedNanos()).isGreaterThan(op.invokedNanos());
    }
  }

  @Test
  void aRefusalIsAFailureOfTheSameProcess() throws IOException {
    try (FakeMember member = new FakeMember(new Keys(true))) {
      Client client = client(member, LONG);
      long process = client.process();

      Op op = client.call(put("refused"));

      assertThat(op.result()).isEqualTo(Result.FAIL);
      assertThat(op.refusedForWantOfItsLease()).isTrue();
      assertThat(client.process()).isEqualTo(process);
    }
  }

  @Test
  void aServerThatIsUnavailableAfterItWasAskedLeavesTheOutcomeOpenAndIsAskedOnce()
      throws IOException {
    try (FakeMember member = new FakeMember(new Keys(true))) {
      Client client = client(member, LONG);
      long process = client.process();

      Op op = client.call(put("unavailable"));

      assertThat(op.result()).isEqualTo(Result.INFO);
      assertThat(puts).hasValue(1);
      assertThat(op.process()).isEqualTo(process);
      assertThat(client.process()).isNotEqualTo(process);
    }
  }

  @Test
  void silenceUntilTheDeadlineLeavesTheOutcomeOpen() throws IOException {
    try (FakeMember member = new FakeMember(new Keys(true))) {
      Client client = client(member, LONG);
      assertThat(client.call(PUT).isOk()).isTrue();

      assertThat(client.call(put("silence"), SHORT).result()).isEqualTo(Result.INFO);
    }
  }

  @Test
  void whatNobodyListensForHasFailed() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Keys(true))) {
      member.end();

      Op op = client(member, LONG).call(PUT);

      assertThat(op.result()).isEqualTo(Result.FAIL);
      assertThat(op.error()).startsWith("UNAVAILABLE");
    }
  }

  @Test
  void aLockIsHeldWithItsToken() throws IOException {
    try (FakeMember member = new FakeMember(new Keys(true), new Locks())) {
      Op op = client(member, LONG).call(new Request.Acquire("lock", 1));

      assertThat(op.answer()).isEqualTo(new Answer.Acquired("lock/1", 5, 9));
    }
  }

  @Test
  void aLockWhoseTokenCannotBeReadMayBeHeld() throws IOException {
    try (FakeMember member = new FakeMember(new Keys(false), new Locks())) {
      Op op = client(member, LONG).call(new Request.Acquire("lock", 1));

      assertThat(op.result()).isEqualTo(Result.INFO);
    }
  }
}
