package io.leasehold.jepsen.client;

import io.grpc.Status;
import io.leasehold.jepsen.history.Result;

/**
 * Says what a failed call leaves a client knowing. A refusal counts as one only if the server
 * signed it: the same codes also come from libraries and from whatever lies in between, which know
 * nothing of what was executed. Anything uncertain is {@link Result#INFO}.
 */
public final class OutcomeMapper {
  private static final String TOO_MANY_REQUESTS = "etcdserver: too many requests";

  private OutcomeMapper() {}

  /**
   * Returns what is known of an operation whose call ended so.
   *
   * @param maybeSent whether the request may have left this client
   */
  public static Result of(Status status, boolean maybeSent) {
    if (status.isOk()) {
      return Result.OK;
    }
    if (!maybeSent) {
      return Result.FAIL;
    }
    return switch (status.getCode()) {
      case INVALID_ARGUMENT,
          NOT_FOUND,
          ALREADY_EXISTS,
          PERMISSION_DENIED,
          UNAUTHENTICATED,
          FAILED_PRECONDITION,
          OUT_OF_RANGE,
          RESOURCE_EXHAUSTED ->
          isSigned(status) ? Result.FAIL : Result.INFO;
      // No handler ever saw it, whoever says so.
      case UNIMPLEMENTED -> Result.FAIL;
      // etcd has no code for this one: it is refused before it is proposed.
      case UNKNOWN -> text(status).equals(TOO_MANY_REQUESTS) ? Result.FAIL : Result.INFO;
      case CANCELLED, DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS -> Result.INFO;
      case OK -> throw new AssertionError(status);
    };
  }

  private static boolean isSigned(Status status) {
    return text(status).startsWith("etcdserver: ") || text(status).startsWith("leasehold: ");
  }

  private static String text(Status status) {
    String text = status.getDescription();
    return text == null ? "" : text;
  }

  /** Returns code and text in one line. */
  static String describe(Status status) {
    Throwable cause = status.getCause();
    return status.getCode()
        + ": "
        + text(status).replace('\n', ' ')
        + (cause == null || cause.getMessage() == null
            ? ""
            : " (" + cause.getMessage().replace('\n', ' ') + ")");
  }
}
