package io.leasehold.client;

import org.jspecify.annotations.Nullable;

/** What was asked for lies before the oldest history that is kept. */
public final class CompactedException extends RefusedException {
  private static final long serialVersionUID = 1;

  public CompactedException(String message, @Nullable Throwable cause) {
    super("OUT_OF_RANGE", message, cause);
  }
}
