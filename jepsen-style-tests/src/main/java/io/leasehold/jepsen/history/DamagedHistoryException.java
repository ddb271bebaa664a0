package io.leasehold.jepsen.history;

import java.io.IOException;

/** A line of a history cannot be read, so that nothing can be said about the run. */
public final class DamagedHistoryException extends IOException {
  private static final long serialVersionUID = 1L;

  private final long line;

  DamagedHistoryException(String file, long line, Throwable cause) {
    super(file + ", line " + line + ": " + cause.getMessage(), cause);
    this.line = line;
  }

  /** Counted from 1. */
  public long line() {
    return line;
  }
}
