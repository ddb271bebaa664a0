package io.leasehold.core.state;

/**
 * The storage of the replicated state failed; the message says what and where. The member must
 * stop.
 */
public final class StateStoreException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public StateStoreException(String message) {
    super(message);
  }

  public StateStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
