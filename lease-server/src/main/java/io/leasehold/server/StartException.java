package io.leasehold.server;

/** The member cannot start. The message is one line for the operator. */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1;

  public StartException(String message) {
    super(message, null, false, false);
  }
}
