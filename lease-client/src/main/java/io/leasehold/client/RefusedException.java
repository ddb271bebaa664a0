package io.leasehold.client;

import org.jspecify.annotations.Nullable;

/** The cluster refused the request, and changed nothing. */
public class RefusedException extends LeaseholdException {
  private static final long serialVersionUID = 1;

  private final String code;

  public RefusedException(String code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** Returns the name of the gRPC status, such as {@code OUT_OF_RANGE}. */
  public final String code() {
    return code;
  }
}
