package io.leasehold.server.config;

/** Help for the command line and for readers of the documentation, made from the options. */
public final class Usage {
  private Usage() {}

  /** Returns what {@code --help} prints. */
  public static String help() {
    StringBuilder text = new StringBuilder(4096);
    text.append("Usage: leasehold-server [OPTION]...\n\n")
        .append("Runs one member of a Leasehold cluster. Every option can also be set in the file")
        .append(" named by\n--config-file, or as an environment variable LEASEHOLD_<OPTION>.\n\n");
    for (Option option : Option.values()) {
      text.append("  --").append(option.flag()).append(' ').append(option.valueName()).append('\n');
      text.append("        ").append(option.purpose()).append('\n');
      if (!option.defaultValue().isEmpty()) {
        text.append("        Default: ").append(option.defaultValue()).append('\n');
      }
    }
    return text.append("  --help\n        Print this and exit.\n")
        .append("  --version\n        Print the version and exit.\n")
        .toString();
  }

  /** Returns the table of {@code docs/configuration.md}. */
  public static String markdownTable() {
    StringBuilder table = new StringBuilder(4096);
    table.append("| flag and file key | environment | value | default | what for |\n");
    table.append("|---|---|---|---|---|\n");
    for (Option option : Option.values()) {
      table
          .append("| `")
          .append(option.flag())
          .append("` | `")
          .append(option.environment())
          .append("` | `")
          .append(option.valueName().replace("|", "\\|"))
          .append("` | ")
          .append(option.defaultValue().isEmpty() ? "none" : option.defaultValue())
          .append(" | ")
          .append(option.purpose())
          .append(" |\n");
    }
    return table.toString();
  }
}
