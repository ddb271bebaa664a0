package io.leasehold.cli.wire;

import io.grpc.Status;

/** A request that no member answered well. The message is one line. */
public final class WireException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status.Code code;

  WireException(Status.Code code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  static WireException of(Status status) {
    return new WireException(status.getCode(), text(status));
  }

  /** Returns what a status says, in one line. */
  static String text(Status status) {
    String description = status.getDescription();
    Throwable cause = status.getCause();
    // gRPC says "io exception" and keeps what happened to itself.
    if (cause != null && status.getCode() == Status.Code.UNAVAILABLE) {
      Throwable root = cause;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      description = root.getMessage() == null ? root.toString() : root.getMessage();
    }
    return description == null
        ? status.getCode().name()
        : description.lines().findFirst().orElse(description);
  }

  public Status.Code code() {
    return code;
  }
}
