package io.leasehold.cli.command;

/** A command that ends here, with one line of why. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final ExitCode code;

  public CommandException(ExitCode code, String message) {
    super(message, null, false, false);
    this.code = code;
  }

  static CommandException badArguments(String message) {
    return new CommandException(ExitCode.BAD_ARGUMENTS, message);
  }

  public ExitCode code() {
    return code;
  }
}
