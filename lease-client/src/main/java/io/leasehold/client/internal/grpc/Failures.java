package io.leasehold.client.internal.grpc;

import io.grpc.Status;
import io.leasehold.client.CompactedException;
import io.leasehold.client.LeaseNotFoundException;
import io.leasehold.client.LeaseholdException;
import io.leasehold.client.OutcomeUnknownException;
import io.leasehold.client.RefusedException;
import io.leasehold.client.UnavailableException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What gRPC's statuses mean to a caller: the one place that knows. */
final class Failures {
  private static final String LEASE_NOT_FOUND = "etcdserver: requested lease not found";
  private static final String COMPACTED = "etcdserver: mvcc: required revision has been compacted";
  private static final String TOO_MANY_REQUESTS = "etcdserver: too many requests";

  private static final Set<Status.Code> TRANSIENT =
      Set.of(
          Status.Code.UNAVAILABLE,
          Status.Code.DEADLINE_EXCEEDED,
          Status.Code.CANCELLED,
          Status.Code.ABORTED,
          Status.Code.INTERNAL);

  private Failures() {}

  /** Returns whether another attempt may do better. */
  static boolean isTransient(Status status) {
    return TRANSIENT.contains(status.getCode()) || isTurnedAway(status);
  }

  /** Returns whether the member had no room for the request, and did nothing with it. */
  static boolean isTurnedAway(Status status) {
    // The code differs from server to server.
    return TOO_MANY_REQUESTS.equals(status.getDescription());
  }

  static RefusedException refusal(Status status) {
    String text = text(status);
    if (text.equals(LEASE_NOT_FOUND)) {
      return new LeaseNotFoundException(text, cause(status));
    }
    if (text.equals(COMPACTED)) {
      return new CompactedException(text, cause(status));
    }
    return new RefusedException(status.getCode().name(), text, cause(status));
  }

  static LeaseholdException outcomeUnknown(String method, String address, Status status) {
    return new OutcomeUnknownException(
        method + " at " + address + " may have taken effect: " + text(status), cause(status));
  }

  static LeaseholdException outOfTime(String method, boolean mayHaveTakenEffect, Status status) {
    String message = method + " was not answered in time by any member: " + text(status);
    return mayHaveTakenEffect
        ? new OutcomeUnknownException(message, cause(status))
        : new UnavailableException(message, cause(status));
  }

  private static String text(Status status) {
    String description = status.getDescription();
    return description == null ? status.getCode().name() : description;
  }

  /** gRPC's own exception stays inside: its class has another name for users. */
  private static @Nullable Throwable cause(Status status) {
    return status.getCause();
  }
}
