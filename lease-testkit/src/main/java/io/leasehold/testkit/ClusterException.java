package io.leasehold.testkit;

import java.util.concurrent.CompletionException;

/** The cluster did not do in time what a button asks for, or could not. The message says what. */
public final class ClusterException extends RuntimeException {
  private static final long serialVersionUID = 1;

  ClusterException(String message) {
    super(message);
  }

  ClusterException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns one that says what the future failed of. */
  static ClusterException of(CompletionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return new ClusterException(String.valueOf(cause.getMessage()), cause);
  }
}
