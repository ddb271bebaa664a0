package io.leasehold.cli.flag;

/** The command line cannot be understood. The message is one line. */
public final class FlagException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public FlagException(String message) {
    super(message, null, false, false);
  }
}
