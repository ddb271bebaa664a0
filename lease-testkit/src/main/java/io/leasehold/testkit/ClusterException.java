package io.leasehold.testkit;

/** The cluster did not do in time what a button asks for, or could not. The message says what. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ClusterException(String message) {
    super(message);
  }

  ClusterException(String message, Throwable cause) {
    super(message, cause);
  }
}
