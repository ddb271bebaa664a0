package io.leasehold.client;

import org.jspecify.annotations.Nullable;

/**
 * A request that did not end well. The subclasses tell apart what a caller may do next: {@link
 * UnavailableException} (nothing was done), {@link OutcomeUnknownException} (look before you
 * repeat), {@link RefusedException} (the cluster said no).
 */
public class LeaseholdException extends RuntimeException {
  private static final long serialVersionUID = 1;

  LeaseholdException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
