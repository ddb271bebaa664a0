package io.leasehold.client;

import org.jspecify.annotations.Nullable;

/** No member could be asked, or none could answer. The request certainly changed nothing. */
public final class UnavailableException extends LeaseholdException {
  private static final long serialVersionUID = 1;

  public UnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
