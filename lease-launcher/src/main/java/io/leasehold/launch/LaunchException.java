package io.leasehold.launch;

/** What was asked for did not come about; the message is one line for the operator. */
final class LaunchException extends Exception {
  private static final long serialVersionUID = 1;

  LaunchException(String message) {
    super(message);
  }
}
