package io.leasehold.raft;

/**
 * A member cannot start; the message is one line that says why and what to do. Nothing was
 * destroyed.
 */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  public StartException(String message) {
    super(message);
  }

  public StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
