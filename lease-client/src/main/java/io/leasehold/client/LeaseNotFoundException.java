package io.leasehold.client;

import org.jspecify.annotations.Nullable;

/** There is no such lease: it ended, or never was. */
public final class LeaseNotFoundException extends RefusedException {
  private static final long serialVersionUID = 1;

  public LeaseNotFoundException(String message, @Nullable Throwable cause) {
    super("NOT_FOUND", message, cause);
  }
}
