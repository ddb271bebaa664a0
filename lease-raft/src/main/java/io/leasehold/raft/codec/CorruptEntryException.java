package io.leasehold.raft.codec;

/**
 * A committed entry cannot be read: it is damaged, or a newer version wrote it. The member must
 * stop, since passing over the entry would make it differ from the others.
 */
public final class CorruptEntryException extends Exception {
  private static final long serialVersionUID = 1;

  public CorruptEntryException(String message) {
    super(message);
  }

  public CorruptEntryException(String message, Throwable cause) {
    super(message, cause);
  }
}
