package io.leasehold.cli.command;

import io.leasehold.cli.flag.Flag;
import java.util.List;

/**
 * A command: what it is called, what it takes, and what it does.
 *
 * @param name one word, or two for a command of a group
 * @param arguments what follows its name, for the help
 * @param about what it does, in one sentence without a full stop
 * @param flags what it knows beside the flags that all commands know
 * @param hasTable whether {@code -w table} is something for it
 */
public record Command(
    String name,
    String arguments,
    String about,
    List<Flag> flags,
    boolean hasTable,
    Action action) {
  /** What a command does; returns the number that the program ends with. */
  @FunctionalInterface
  public interface Action {
    /**
     * Does it.
     *
     * @throws CommandException with what went wrong
     */
    int run(Invocation invocation) throws InterruptedException;
  }

  /** What a command does that ends well when it returns. */
  @FunctionalInterface
  interface Steps {
    void run(Invocation invocation) throws InterruptedException;
  }

  static Command of(String name, String arguments, String about, Steps steps, Flag... flags) {
    return ending(
        name,
        arguments,
        about,
        call -> {
          steps.run(call);
          return ExitCode.OK.number();
        },
        flags);
  }

  /** A command that chooses how it ends. */
  static Command ending(String name, String arguments, String about, Action action, Flag... flags) {
    return new Command(name, arguments, about, List.of(flags), false, action);
  }

  Command withTable() {
    return new Command(name, arguments, about, flags, true, action);
  }
}
