package io.leasehold.client;

/** The lease that something hangs on was lost, so that it is held no longer. */
public final class LeaseLostException extends LeaseholdException {
  private static final long serialVersionUID = 1;

  private final LossReason reason;

  public LeaseLostException(String message, LossReason reason) {
    super(message, null);
    this.reason = reason;
  }

  /** Returns why the lease was lost. */
  public LossReason reason() {
    return reason;
  }
}
