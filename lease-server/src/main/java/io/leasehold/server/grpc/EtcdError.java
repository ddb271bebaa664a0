package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.server.route.RequestFailure;

/**
 * Every refusal a client can get, with the code and the text of etcd. Clients match on the texts:
 * they are byte for byte what etcd sends.
 */
public enum EtcdError {
  LEASE_NOT_FOUND(Code.NOT_FOUND, "etcdserver: requested lease not found"),
  LEASE_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
  LEASE_TTL_TOO_LARGE(Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
  COMPACTED(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
  FUTURE_REVISION(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
  REQUEST_TOO_LARGE(Code.INVALID_ARGUMENT, "etcdserver: request is too large"),
  /** etcd has no gRPC code for this one; its clients know the text. */
  TOO_MANY_REQUESTS(Code.UNKNOWN, "etcdserver: too many requests"),
  NO_LEADER(Code.UNAVAILABLE, "etcdserver: no leader"),
  TIMED_OUT(Code.UNAVAILABLE, "etcdserver: request timed out"),
  UNKNOWN_OUTCOME(
      Code.UNAVAILABLE, "etcdserver: request timed out, possibly due to previous leader failure"),
  APPLY_TIMED_OUT(
      Code.UNAVAILABLE,
      "etcdserver: request timed out, waiting for the applied index took too long"),
  STOPPED(Code.UNAVAILABLE, "etcdserver: server stopped");

  private final Code code;
  private final String text;

  EtcdError(Code code, String text) {
    this.code = code;
    this.text = text;
  }

  public String text() {
    return text;
  }

  public Status status() {
    return code.toStatus().withDescription(text);
  }

  /** Returns what a client is told when no leader answered. */
  public static EtcdError of(RequestFailure failure) {
    return switch (failure) {
      case NO_LEADER -> NO_LEADER;
      case TIMED_OUT -> TIMED_OUT;
      case UNKNOWN_OUTCOME -> UNKNOWN_OUTCOME;
      case APPLY_TIMED_OUT -> APPLY_TIMED_OUT;
      case OVERLOADED -> TOO_MANY_REQUESTS;
      case STOPPING -> STOPPED;
    };
  }
}
