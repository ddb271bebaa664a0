package io.leasehold.cli;

import io.leasehold.cli.command.Command;
import io.leasehold.cli.command.CommandException;
import io.leasehold.cli.command.Commands;
import io.leasehold.cli.command.ExitCode;
import io.leasehold.cli.command.Invocation;
import io.leasehold.cli.command.Terminal;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.flag.FlagException;
import io.leasehold.cli.flag.Flags;
import io.leasehold.cli.time.Clocks;
import io.leasehold.cli.wire.WireException;
import io.leasehold.client.LeaseholdException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The program without its process: words in, exit code out. One thread. */
public final class Leasectl {
  private static final String PREFIX = "LEASECTL";
  private static final String ETCD_PREFIX = "ETCDCTL";

  private final List<Command> commands = Commands.all();
  private final Map<String, String> environment;
  private final Terminal terminal;
  private final Clocks clocks;

  public Leasectl(Map<String, String> environment, Terminal terminal, Clocks clocks) {
    this.environment = environment;
    this.terminal = terminal;
    this.clocks = clocks;
  }

  /** Runs a command line, and returns the number to end with. What goes wrong takes one line. */
  public int run(List<String> words) throws InterruptedException {
    try {
      return found(words);
    } catch (CommandException e) {
      return failed(e.code(), String.valueOf(e.getMessage()));
    } catch (FlagException | WireException | LeaseholdException | UncheckedIOException e) {
      return failed(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
  }

  private int failed(ExitCode code, String message) {
    terminal.out().flush();
    terminal.err().println("Error: " + message);
    return code.number();
  }

  private int found(List<String> words) throws InterruptedException {
    List<Integer> names = nameIndexes(words);
    String first = names.isEmpty() ? "" : Commands.resolved(words.get(names.get(0)));
    if (first.isEmpty() || first.equals("help")) {
      terminal.out().print(Help.of(commands));
      return ExitCode.OK.number();
    }
    String second = names.size() < 2 ? "" : first + " " + words.get(names.get(1));
    for (Command command : commands) {
      boolean isPair = command.name().equals(second);
      if (isPair || command.name().equals(first)) {
        List<String> rest = new ArrayList<>(words);
        if (isPair) {
          rest.remove(names.get(1).intValue());
        }
        rest.remove(names.get(0).intValue());
        return run(command, rest);
      }
    }
    List<Command> group =
        commands.stream().filter(command -> command.name().startsWith(first + " ")).toList();
    if (group.isEmpty()) {
      throw new CommandException(
          ExitCode.FAILED,
          "unknown command \"" + first + "\" for \"leasectl\"; see leasectl --help");
    }
    terminal.out().print(Help.of(group));
    return ExitCode.OK.number();
  }

  /** Returns where the first two words are that are neither flags of all commands nor values. */
  private static List<Integer> nameIndexes(List<String> words) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < words.size() && found.size() < 2; i++) {
      String word = words.get(i);
      if (word.equals("--")) {
        break;
      }
      if (!word.startsWith("-")) {
        found.add(i);
      } else if (found.isEmpty() && takesNextWord(word)) {
        i++;
      }
    }
    return found;
  }

  private static boolean takesNextWord(String word) {
    return Commands.globalFlags().stream()
        .anyMatch(
            flag ->
                flag.kind() != Flag.Kind.SWITCH
                    && (word.equals("--" + flag.name()) || word.equals("-" + flag.letter())));
  }

  private int run(Command command, List<String> words) throws InterruptedException {
    List<Flag> known = new ArrayList<>(Commands.globalFlags());
    known.addAll(command.flags());
    Flags flags;
    try {
      flags = Flags.parse(known, settings(), words);
    } catch (FlagException e) {
      throw new CommandException(
          ExitCode.FAILED, e.getMessage() + "; see leasectl " + command.name() + " --help");
    }
    if (flags.isSet("help")) {
      terminal.out().print(Help.of(command));
      return ExitCode.OK.number();
    }
    checkFormat(command, flags.text("write-out"));
    try (Invocation invocation = new Invocation(flags, environment, terminal, clocks)) {
      return command.action().run(invocation);
    }
  }

  private static void checkFormat(Command command, String format) {
    switch (format) {
      case "simple", "json" -> {}
      case "table" -> {
        if (!command.hasTable()) {
          throw new CommandException(
              ExitCode.NOT_SUPPORTED, "table not supported as output format");
        }
      }
      default ->
          throw new CommandException(
              ExitCode.NOT_SUPPORTED,
              "unsupported output format " + format + "; there are simple, table and json");
    }
  }

  /** Returns what the environment sets of the flags that all commands know. */
  private Map<String, String> settings() {
    Map<String, String> settings = new HashMap<>();
    for (Flag flag : Commands.globalFlags()) {
      String value = environment.get(flag.variable(PREFIX));
      value = value == null ? environment.get(flag.variable(ETCD_PREFIX)) : value;
      if (value != null && !value.isEmpty()) {
        settings.put(flag.name(), value);
      }
    }
    return settings;
  }
}
