package io.leasehold.cli.command;

import io.leasehold.cli.flag.Flag;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** {@code completion}: what a shell needs to complete the words of a command line. */
final class CompletionCommand {
  private static final String ZSH =
      """
      #compdef leasectl
      (( $+functions[compdef] )) || { autoload -U compinit && compinit; }
      autoload -U +X bashcompinit && bashcompinit
      """;

  private static final String BEGIN =
      """
      _leasectl() {
        local cur=${COMP_WORDS[COMP_CWORD]} name= words flags i
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in
            --) return ;;
            -*) ;;
            *) name=${name:+$name }${COMP_WORDS[i]} ;;
          esac
        done
        flags='GLOBAL_FLAGS'
        case $name in
      """;

  private static final String END =
      """
        esac
        [[ $cur != -* ]] || words=$flags
        COMPREPLY=($(compgen -W "$words" -- "$cur"))
      }
      complete -o default -F _leasectl leasectl ./leasectl
      """;

  private CompletionCommand() {}

  static Command command() {
    return Command.of(
        "completion",
        "bash|zsh",
        "Prints a script that completes commands: source it in your shell",
        CompletionCommand::run);
  }

  private static void run(Invocation call) {
    String shell = call.arguments(1, 1, "completion command needs a shell: bash or zsh").get(0);
    switch (shell) {
      case "bash" -> call.print(script());
      case "zsh" -> call.print(ZSH + script());
      default ->
          throw CommandException.badArguments(
              "completion " + shell + ": there are scripts for bash and zsh");
    }
  }

  private static String flags(List<Flag> flags) {
    return flags.stream()
        .map(flag -> "--" + flag.name() + (flag.kind() == Flag.Kind.SWITCH ? "" : "="))
        .collect(Collectors.joining(" "));
  }

  private static String script() {
    List<Command> commands = new ArrayList<>(Commands.all());
    TreeSet<String> first = new TreeSet<>();
    TreeSet<String> groups = new TreeSet<>();
    for (Command command : commands) {
      String[] words = command.name().split(" ", -1);
      first.add(words[0]);
      if (words.length > 1) {
        groups.add(words[0]);
      }
    }
    StringBuilder out =
        new StringBuilder(BEGIN.replace("GLOBAL_FLAGS", flags(Commands.globalFlags())));
    out.append("    '') words='").append(String.join(" ", first)).append("' ;;\n");
    for (String group : groups) {
      String members =
          commands.stream()
              .map(Command::name)
              .filter(name -> name.startsWith(group + " "))
              .map(name -> name.substring(group.length() + 1))
              .collect(Collectors.joining(" "));
      out.append("    '").append(group).append("') words='").append(members).append("' ;;\n");
    }
    for (Command command : commands) {
      if (!command.flags().isEmpty()) {
        out.append("    '")
            .append(command.name())
            .append("'*) flags=\"$flags ")
            .append(flags(command.flags()))
            .append("\" ;;\n");
      }
    }
    return out.append(END).toString();
  }
}
