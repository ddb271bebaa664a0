package io.leasehold.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** {@code version}. */
final class VersionCommand {
  /** The version of etcd's interface that is spoken. */
  private static final String API = "3.5";

  private VersionCommand() {}

  static Command command() {
    return Command.of(
        "version",
        "",
        "Prints the version",
        call -> call.print("leasectl version: " + version() + "\nAPI version: " + API + "\n"));
  }

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in =
        VersionCommand.class.getResourceAsStream("/io/leasehold/cli/version.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }
}
