package io.leasehold.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The server as it was built: the command that starts a member. */
final class Distribution {
  static final Path ROOT = Path.of(System.getProperty("leasehold.root", "..")).toAbsolutePath();

  private static final Path DIST = ROOT.resolve("lease-server/target/dist");

  private Distribution() {}

  /** Returns the command of a member's JVM with the given heap and server arguments. */
  static List<String> command(String heap, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + heap);
    command.addAll(jvmOptions());
    command.addAll(List.of("-cp", DIST.resolve("lib") + "/*", "io.leasehold.server.Main"));
    command.addAll(arguments);
    return command;
  }

  private static List<String> jvmOptions() {
    List<String> options = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(DIST.resolve("jvm-options"))) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        int colon = line.indexOf("-:");
        if (!line.startsWith("-") && colon > 0) {
          if (Runtime.version().feature() >= Integer.parseInt(line.substring(0, colon))) {
            options.add(line.substring(colon + 2));
          }
        } else {
          options.add(line.strip());
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the server is not built: make dist", e);
    }
    return options;
  }
}
