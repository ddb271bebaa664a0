package io.leasehold.jepsen.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class LeaseKeeperTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(200);
  private static final Duration OFTEN = Duration.ofMillis(20);

  private static final long GONE = 13;
  private static final long SILENT = 14;
  private static final long ENDS_THE_STREAM = 15;
  private static final long UNDECIDED = 16;

  private final BlockingQueue<Op> ops = new LinkedBlockingQueue<>();

  private static final class Leases extends LeaseGrpc.LeaseImplBase {
    @Override
    public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(
        StreamObserver<LeaseKeepAliveResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(LeaseKeepAliveRequest request) {
          long id = request.getID();
          if (id == ENDS_THE_STREAM) {
            answers.onError(Status.UNAVAILABLE.asRuntimeException());
          } else if (id != SILENT) {
            answers.onNext(
                LeaseKeepAliveResponse.newBuilder().setID(id).setTTL(id == GONE ? 0 : 5).build());
          }
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }

  /** Serves batches: of leases with a TTL of 5 s, and some more. */
  private static final class Renewals extends RenewalsGrpc.RenewalsImplBase {
    @Override
    public StreamObserver<RenewBatchRequest> renewBatch(
        StreamObserver<RenewBatchResponse> answers) {
      return new StreamObserver<>() {
        @Override
        public void onNext(RenewBatchRequest request) {
          RenewBatchResponse.Builder answer =
              RenewBatchResponse.newBuilder().setSequence(request.getSequence()).setTtlMillis(5000);
          for (long id : request.getLeaseIdsList()) {
            if (id == GONE) {
              answer.addNotFound(id);
            } else if (id == UNDECIDED) {
              answer.addUndecided(id);
            }
          }
          answers.onNext(answer.build());
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
          answers.onCompleted();
        }
      };
    }
  }

  private LeaseKeeper keeper(FakeMember member, Duration deadline) {
    return keeper(LeaseKeeper.Manner.ONE_BY_ONE, member, deadline);
  }

  private LeaseKeeper keeper(LeaseKeeper.Manner manner, FakeMember member, Duration deadline) {
    return new LeaseKeeper(
        manner,
        member.connections(),
        MemberChoice.pinned("n1"),
        deadline,
        new Processes(),
        new RunClock(),
        ops::add);
  }

  private Op next() throws InterruptedException {
    Op op = ops.poll(LONG.toSeconds(), TimeUnit.SECONDS);
    assertThat(op).isNotNull();
    return op;
  }

  @Test
  void aLeaseIsRenewedAgainAndAgainUnderOneNumber() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Leases());
        LeaseKeeper keeper = keeper(member, LONG)) {
      keeper.keep(1, 5, OFTEN, Duration.ZERO);

      Op first = next();
      Op second = next();

      assertThat(first.answer()).isEqualTo(new Answer.Renewed(5));
      assertThat(second.process()).isEqualTo(first.process());
      assertThat(second.invokedNanos() - first.invokedNanos())
          .isGreaterThanOrEqualTo(OFTEN.toNanos());
    }
  }

  @Test
  void aLeaseThatIsGoneIsRenewedNoMore() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Leases());
        LeaseKeeper keeper = keeper(member, LONG)) {
      keeper.keep(GONE, 5, OFTEN, Duration.ZERO);

      assertThat(next().answer()).isEqualTo(new Answer.Renewed(0));
      assertThat(keeper.kept()).isEmpty();
    }
  }

  @Test
  void aRenewalWithoutAnAnswerIsUnknownAndAllGoOnOverANewStream()
      throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Leases());
        LeaseKeeper keeper = keeper(member, SHORT)) {
      keeper.keep(1, 5, OFTEN, Duration.ZERO);
      assertThat(next().isOk()).isTrue();
      keeper.keep(SILENT, 5, OFTEN, Duration.ZERO);

      Op unknown = next();
      while (unknown.isOk()) {
        unknown = next();
      }
      assertThat(unknown.result()).isEqualTo(Result.INFO);
      assertThat(unknown.error()).startsWith("DEADLINE_EXCEEDED");
      Op after = next();
      while (!after.isOk()) {
        after = next();
      }
      assertThat(after.answer()).isEqualTo(new Answer.Renewed(5));
    }
  }

  @Test
  void aStreamThatBreaksLeavesWhatWasUnderWayUnknownAndChangesTheNumber()
      throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Leases());
        LeaseKeeper keeper = keeper(member, LONG)) {
      keeper.keep(ENDS_THE_STREAM, 5, OFTEN, Duration.ZERO);

      Op first = next();
      Op second = next();

      assertThat(first.result()).isEqualTo(Result.INFO);
      assertThat(second.process()).isNotEqualTo(first.process());
    }
  }

  @Test
  void leasesOfABatchAreToldOfOneByOneEachWithItsOwnTtl() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Renewals());
        LeaseKeeper keeper = keeper(LeaseKeeper.Manner.IN_BATCHES, member, LONG)) {
      keeper.keep(1, 5, LONG, Duration.ZERO);
      keeper.keep(2, 7, LONG, Duration.ZERO);
      keeper.keep(GONE, 3, LONG, Duration.ZERO);
      keeper.keep(UNDECIDED, 3, LONG, Duration.ZERO);

      Map<Long, Op> told = new HashMap<>();
      while (told.size() < 4) {
        Op op = next();
        told.putIfAbsent(((Request.Renew) op.request()).leaseId(), op);
      }

      assertThat(told.get(1L).answer()).isEqualTo(new Answer.Renewed(5));
      assertThat(told.get(2L).answer()).isEqualTo(new Answer.Renewed(7));
      assertThat(told.get(GONE).answer()).isEqualTo(new Answer.Renewed(0));
      assertThat(told.get(UNDECIDED).result()).isEqualTo(Result.INFO);
      assertThat(keeper.kept()).containsExactlyInAnyOrder(1L, 2L, UNDECIDED);
    }
  }

  @Test
  void aTtlThatIsNotTheShortestOfABatchIsToldAsItIs() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Renewals());
        LeaseKeeper keeper = keeper(LeaseKeeper.Manner.IN_BATCHES, member, LONG)) {
      keeper.keep(1, 9, LONG, Duration.ZERO);

      assertThat(next().answer()).isEqualTo(new Answer.Renewed(5));
    }
  }

  @Test
  void aMemberThatIsAwayLeavesNothingUnknown() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Leases());
        LeaseKeeper keeper = keeper(member, LONG)) {
      member.end();
      keeper.keep(1, 5, OFTEN, Duration.ZERO);

      assertThat(next().result()).isEqualTo(Result.FAIL);
    }
  }

  @Test
  void closingTellsWhatWasUnderWay() throws IOException, InterruptedException {
    try (FakeMember member = new FakeMember(new Leases())) {
      try (LeaseKeeper keeper = keeper(member, LONG)) {
        keeper.keep(1, 5, LONG, Duration.ZERO);
        assertThat(next().isOk()).isTrue();
        keeper.keep(SILENT, 5, OFTEN, Duration.ZERO);
        // Answered after it: the silent one was sent.
        keeper.keep(2, 5, LONG, Duration.ZERO);
        assertThat(next().isOk()).isTrue();
      }

      assertThat(ops.poll()).extracting(Op::result).isEqualTo(Result.INFO);
    }
  }
}
