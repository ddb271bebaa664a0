package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.Status.Code;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.server.route.RequestFailure;

/**
 * Every refusal a client can get, with the code and the text of etcd. Clients match on the texts:
 * they are byte for byte what etcd sends.
 */
public enum EtcdError {
  LEASE_NOT_FOUND(Code.NOT_FOUND, "etcdserver: requested lease not found"),
  LEASE_EXISTS(Code.FAILED_PRECONDITION, "etcdserver: lease already exists"),
  LEASE_TTL_TOO_LARGE(Code.OUT_OF_RANGE, "etcdserver: too large lease TTL"),
  EMPTY_KEY(Code.INVALID_ARGUMENT, "etcdserver: key is not provided"),
  /** Also etcd's answer to an operation that says nothing. */
  KEY_NOT_FOUND(Code.INVALID_ARGUMENT, "etcdserver: key not found"),
  VALUE_PROVIDED(Code.INVALID_ARGUMENT, "etcdserver: value is provided"),
  LEASE_PROVIDED(Code.INVALID_ARGUMENT, "etcdserver: lease is provided"),
  TOO_MANY_OPERATIONS(Code.INVALID_ARGUMENT, "etcdserver: too many operations in txn request"),
  DUPLICATE_KEY(Code.INVALID_ARGUMENT, "etcdserver: duplicate key given in txn request"),
  /** A relation or a target that is not in the interface; etcd takes it for true. */
  UNKNOWN_COMPARISON(Code.INVALID_ARGUMENT, "leasehold: unknown kind of comparison"),
  INVALID_SORT(Code.INVALID_ARGUMENT, "etcdserver: invalid sort option"),
  /** The limit of {@code leasehold.v1}, which etcd does not have. */
  TOO_MANY_LEASES(
      Code.INVALID_ARGUMENT, "leasehold: a message may hold 4096 lease IDs at the most"),
  COMPACTED(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision has been compacted"),
  FUTURE_REVISION(Code.OUT_OF_RANGE, "etcdserver: mvcc: required revision is a future revision"),
  NO_SPACE(Code.RESOURCE_EXHAUSTED, "etcdserver: mvcc: database space exceeded"),
  CORRUPT(Code.DATA_LOSS, "etcdserver: corrupt cluster"),
  NOT_LEADER(Code.FAILED_PRECONDITION, "etcdserver: not leader"),
  BAD_LEADER_TRANSFEREE(Code.FAILED_PRECONDITION, "etcdserver: bad leader transferee"),
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
  LEADER_TRANSFER_TIMED_OUT(
      Code.UNAVAILABLE, "etcdserver: request timed out, leader transfer took too long"),
  /** What etcd ends with a panic. */
  FAILED(Code.INTERNAL, "leasehold: the member failed to do this; its log says why"),
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

  /** Returns what a client is told when the key space refused. */
  public static EtcdError of(KeyRefusal refusal) {
    return switch (refusal) {
      case LEASE_NOT_FOUND -> LEASE_NOT_FOUND;
      case KEY_NOT_FOUND -> KEY_NOT_FOUND;
      case COMPACTED -> COMPACTED;
      case FUTURE_REVISION -> FUTURE_REVISION;
      case TOO_LARGE -> REQUEST_TOO_LARGE;
      case TOO_MUCH_AT_ONCE -> TOO_MANY_REQUESTS;
      case NO_SPACE -> NO_SPACE;
      case CORRUPT -> CORRUPT;
    };
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
