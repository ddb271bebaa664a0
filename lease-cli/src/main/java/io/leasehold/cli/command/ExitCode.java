package io.leasehold.cli.command;

/** How a run ends. The numbers are etcdctl's where it has them, and {@code timeout}'s for locks. */
public enum ExitCode {
  OK(0, "it worked"),
  FAILED(
      1, "the cluster refused, could not be reached, or is not healthy; unknown command or flag"),
  NOT_RENEWED(2, "a lease could not be renewed"),
  BAD_INPUT(3, "what was read from standard input is no transaction or watch"),
  NOT_SUPPORTED(4, "there is no such output format, order or consistency, or not for this command"),
  ENDED(5, "a watch was ended by the cluster"),
  NOT_ACQUIRED(124, "`lock`: not acquired within `--wait`; nothing was run"),
  LOST(125, "`lock`, `elect`: lost while it was held; the command was ended"),
  CANNOT_RUN(126, "`lock`: the command was found, and cannot be run"),
  NOT_FOUND(127, "`lock`: the command was not found"),
  BAD_ARGUMENTS(128, "arguments are missing, too many, or malformed");

  private final int number;
  private final String about;

  ExitCode(int number, String about) {
    this.number = number;
    this.about = about;
  }

  public int number() {
    return number;
  }

  /** Says when a run ends so. */
  public String about() {
    return about;
  }
}
