package io.leasehold.jepsen.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseStatus;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.v3lockpb.LockGrpc;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.api.v3lockpb.UnlockRequest;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** One request to one member and the answer to it. Throws {@link StatusRuntimeException}. */
final class Exchange {
  private final Channel channel;
  private final CallOptions options;

  Exchange(Channel channel, CallOptions options) {
    this.channel = channel;
    this.options = options;
  }

  /** An answer and its header. */
  record Answered(Answer answer, ResponseHeader header) {}

  Answered make(Request request) {
    if (request instanceof Request.OnKeys onKeys) {
      return onKeys(onKeys);
    } else if (request instanceof Request.OnLease onLease) {
      return onLease(onLease);
    } else if (request instanceof Request.Grant grant) {
      var answer =
          ask(
              LeaseGrpc.getLeaseGrantMethod(),
              LeaseGrantRequest.newBuilder()
                  .setID(grant.leaseId())
                  .setTTL(grant.ttlSeconds())
                  .build());
      return new Answered(new Answer.Granted(answer.getID(), answer.getTTL()), answer.getHeader());
    } else if (request instanceof Request.ListLeases) {
      var answer = ask(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance());
      return new Answered(
          new Answer.Leases(answer.getLeasesList().stream().map(LeaseStatus::getID).toList()),
          answer.getHeader());
    } else if (request instanceof Request.Compact compact) {
      var answer =
          ask(
              KVGrpc.getCompactMethod(),
              CompactionRequest.newBuilder().setRevision(compact.revision()).build());
      return new Answered(new Answer.Compacted(), answer.getHeader());
    } else if (request instanceof Request.Release release) {
      var answer =
          ask(
              LockGrpc.getUnlockMethod(),
              UnlockRequest.newBuilder().setKey(Messages.bytes(release.lockKey())).build());
      return new Answered(new Answer.Released(), answer.getHeader());
    }
    throw new IllegalArgumentException("no way to ask for " + request);
  }

  private Answered onKeys(Request.OnKeys request) {
    if (request instanceof Request.Range range) {
      var answer = ask(KVGrpc.getRangeMethod(), Messages.of(range));
      return new Answered(Messages.of(answer), answer.getHeader());
    } else if (request instanceof Request.Put put) {
      var answer = ask(KVGrpc.getPutMethod(), Messages.of(put));
      return new Answered(Messages.of(answer), answer.getHeader());
    } else if (request instanceof Request.Delete delete) {
      var answer = ask(KVGrpc.getDeleteRangeMethod(), Messages.of(delete));
      return new Answered(Messages.of(answer), answer.getHeader());
    } else if (request instanceof Request.Txn txn) {
      var answer = ask(KVGrpc.getTxnMethod(), Messages.of(txn));
      return new Answered(Messages.of(answer), answer.getHeader());
    }
    throw new IllegalArgumentException("no way to ask for " + request);
  }

  private Answered onLease(Request.OnLease request) {
    long id = request.leaseId();
    if (request instanceof Request.Renew) {
      LeaseKeepAliveResponse answer = renew(id);
      return new Answered(new Answer.Renewed(answer.getTTL()), answer.getHeader());
    } else if (request instanceof Request.Revoke) {
      var answer =
          ask(LeaseGrpc.getLeaseRevokeMethod(), LeaseRevokeRequest.newBuilder().setID(id).build());
      return new Answered(new Answer.Revoked(), answer.getHeader());
    } else if (request instanceof Request.TimeToLive timeToLive) {
      var answer =
          ask(
              LeaseGrpc.getLeaseTimeToLiveMethod(),
              LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(timeToLive.keys()).build());
      return new Answered(
          new Answer.TimeLeft(
              answer.getTTL(),
              answer.getGrantedTTL(),
              answer.getKeysList().stream().map(key -> key.toStringUtf8()).toList()),
          answer.getHeader());
    } else if (request instanceof Request.Acquire acquire) {
      return acquire(acquire);
    }
    throw new IllegalArgumentException("no way to ask for " + request);
  }

  /** Takes the lock, then reads what fences it; with neither of the two it is not known to hold. */
  private Answered acquire(Request.Acquire acquire) {
    var held =
        ask(
            LockGrpc.getLockMethod(),
            LockRequest.newBuilder()
                .setName(Messages.bytes(acquire.lock()))
                .setLease(acquire.leaseId())
                .build());
    String key = held.getKey().toStringUtf8();
    var found = range(key);
    if (found.getKvsCount() == 0) {
      throw Status.ABORTED
          .withDescription("the lock's key " + key + " was gone when it was read")
          .asRuntimeException();
    }
    return new Answered(
        new Answer.Acquired(
            key, found.getKvs(0).getCreateRevision(), found.getHeader().getRevision()),
        found.getHeader());
  }

  private io.leasehold.api.etcdserverpb.RangeResponse range(String key) {
    try {
      return ask(KVGrpc.getRangeMethod(), Messages.of(Request.Range.of(KeyRange.one(key))));
    } catch (StatusRuntimeException e) {
      // Whatever the read says, the lock may be held.
      throw Status.ABORTED
          .withDescription("the lock's key could not be read: " + e.getMessage())
          .asRuntimeException();
    }
  }

  /** A stream for one renewal. */
  private LeaseKeepAliveResponse renew(long leaseId) {
    CompletableFuture<LeaseKeepAliveResponse> answer = new CompletableFuture<>();
    StreamObserver<LeaseKeepAliveRequest> stream =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(LeaseGrpc.getLeaseKeepAliveMethod(), options),
            new StreamObserver<>() {
              @Override
              public void onNext(LeaseKeepAliveResponse message) {
                answer.complete(message);
              }

              @Override
              public void onError(Throwable cause) {
                answer.completeExceptionally(cause);
              }

              @Override
              public void onCompleted() {
                answer.completeExceptionally(
                    Status.ABORTED
                        .withDescription("the stream ended without an answer")
                        .asRuntimeException());
              }
            });
    stream.onNext(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build());
    stream.onCompleted();
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw Status.fromThrowable(e).asRuntimeException();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Status.CANCELLED.withDescription("interrupted").withCause(e).asRuntimeException();
    }
  }

  private <Q, A> A ask(MethodDescriptor<Q, A> method, Q message) {
    return ClientCalls.blockingUnaryCall(channel, method, options, message);
  }
}
