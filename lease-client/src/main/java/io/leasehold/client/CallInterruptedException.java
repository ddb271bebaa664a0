package io.leasehold.client;

/**
 * The calling thread was interrupted while it waited. It is marked as interrupted again; what it
 * waited for may still happen.
 */
public final class CallInterruptedException extends LeaseholdException {
  private static final long serialVersionUID = 1;

  public CallInterruptedException(InterruptedException cause) {
    super("interrupted while waiting for the cluster", cause);
  }
}
