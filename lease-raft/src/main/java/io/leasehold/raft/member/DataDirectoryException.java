package io.leasehold.raft.member;

/**
 * A data directory cannot be used; the message is one line that says which, why and what to do.
 * Nothing was changed.
 */
public final class DataDirectoryException extends Exception {
  private static final long serialVersionUID = 1;

  public DataDirectoryException(String message) {
    super(message);
  }

  public DataDirectoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
