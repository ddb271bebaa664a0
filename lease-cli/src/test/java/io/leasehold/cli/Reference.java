package io.leasehold.cli;

import io.leasehold.cli.command.Command;
import io.leasehold.cli.command.Commands;
import io.leasehold.cli.command.ExitCode;
import io.leasehold.cli.flag.Flag;
import java.util.List;
import java.util.stream.Collectors;

/** The part of {@code docs/leasectl.md} that is made from the program. Prints it. */
final class Reference {
  private Reference() {}

  public static void main(String[] arguments) {
    System.out.print(markdown());
  }

  private static String flags(List<Flag> flags) {
    return flags.stream().map(flag -> "`--" + flag.name() + "`").collect(Collectors.joining(", "));
  }

  static String markdown() {
    StringBuilder out = new StringBuilder("| command | does | flags |\n|---|---|---|\n");
    for (Command command : Commands.all()) {
      String words = (command.name() + " " + command.arguments()).strip().replace("|", "\\|");
      out.append("| `%s` | %s | %s |\n".formatted(words, command.about(), flags(command.flags())));
    }
    out.append("\n| flag of all commands | unless given | is |\n|---|---|---|\n");
    for (Flag flag : Commands.globalFlags()) {
      String letter = flag.letter() == ' ' ? "" : ", `-" + flag.letter() + "`";
      String standard = flag.standard().isEmpty() ? "" : "`" + flag.standard() + "`";
      out.append("| `--%s`%s | %s | %s |\n".formatted(flag.name(), letter, standard, flag.about()));
    }
    out.append("\n| exit code | when |\n|---|---|\n");
    for (ExitCode code : ExitCode.values()) {
      out.append("| %d | %s |\n".formatted(code.number(), code.about()));
    }
    return out.toString();
  }
}
