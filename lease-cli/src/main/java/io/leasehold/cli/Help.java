package io.leasehold.cli;

import io.leasehold.cli.command.Command;
import io.leasehold.cli.command.Commands;
import io.leasehold.cli.command.ExitCode;
import io.leasehold.cli.flag.Flag;
import java.util.List;

/** What {@code --help} prints. */
final class Help {
  private static final int NAME_WIDTH = 34;

  private Help() {}

  static String of(List<Command> commands) {
    StringBuilder out =
        new StringBuilder("leasectl: the command line of Leasehold, which etcd understands too.\n");
    out.append("\nUsage: leasectl COMMAND [FLAGS] [ARGUMENTS]\n\nCommands\n");
    for (Command command : commands) {
      line(out, command.name(), command.about());
    }
    flags(out, "Flags of all commands", Commands.globalFlags());
    out.append(
        "\nEach flag may be set by a variable: LEASECTL_ENDPOINTS, or ETCDCTL_ENDPOINTS, and so on."
            + "\n\nExit codes\n");
    for (ExitCode code : ExitCode.values()) {
      line(out, Integer.toString(code.number()), code.about().replace("`", ""));
    }
    return out.append("\nleasectl COMMAND --help tells what a command takes.\n").toString();
  }

  static String of(Command command) {
    StringBuilder out =
        new StringBuilder("Usage: leasectl ")
            .append(command.name())
            .append(command.flags().isEmpty() ? "" : " [FLAGS]")
            .append(command.arguments().isEmpty() ? "" : " " + command.arguments())
            .append("\n\n")
            .append(command.about())
            .append(".\n");
    if (!command.flags().isEmpty()) {
      flags(out, "Flags", command.flags());
    }
    return out.append("\nleasectl --help lists the flags that all commands know.\n").toString();
  }

  private static void flags(StringBuilder out, String title, List<Flag> flags) {
    out.append('\n').append(title).append('\n');
    for (Flag flag : flags) {
      String letter = flag.letter() == ' ' ? "" : "-" + flag.letter() + ", ";
      boolean isSwitch = flag.kind() == Flag.Kind.SWITCH;
      boolean isPlain =
          flag.standard().isEmpty() || flag.standard().equals(isSwitch ? "false" : "0");
      line(out, letter + "--" + flag.name() + (isPlain ? "" : "=" + flag.standard()), flag.about());
    }
  }

  private static void line(StringBuilder out, String name, String about) {
    out.append("  ")
        .append(name)
        .append(" ".repeat(Math.max(1, NAME_WIDTH - name.length())))
        .append(about)
        .append('\n');
  }
}
