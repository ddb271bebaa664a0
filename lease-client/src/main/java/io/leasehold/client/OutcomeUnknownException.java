package io.leasehold.client;

import org.jspecify.annotations.Nullable;

/**
 * The request reached a member, but its answer did not come. It may have taken effect, it may do so
 * yet, or never. Only requests that must not be made twice end so; the client repeats all others.
 */
public final class OutcomeUnknownException extends LeaseholdException {
  private static final long serialVersionUID = 1;

  public OutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
