package io.leasehold.jepsen.bugs;

/** A bug does not fit the product's sources any more: its patch has to be made anew. */
public final class StaleBugException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StaleBugException(String message) {
    super(message);
  }
}
