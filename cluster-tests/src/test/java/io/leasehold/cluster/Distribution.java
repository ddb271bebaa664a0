package io.leasehold.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The server as it was built: the command that starts a member. */
final class Distribution {
  static final Path ROOT = Path.of(System.getProperty("leasehold.root", "..")).toAbsolutePath();

  private static final String HOME = System.getProperty("java.home");

  private Distribution() {}

  /** Returns the command of a member's JVM with the given heap and server arguments. */
  static List<String> command(String heap, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(HOME, "bin", "java").toString());
    command.add("-Xmx" + heap);
    command.addAll(JvmArguments.OF_A_MEMBER);
    command.add("io.leasehold.server.Main");
    command.addAll(arguments);
    return command;
  }

  /** Found once, since it may take seconds: see the script. */
  private static final class JvmArguments {
    static final List<String> OF_A_MEMBER = ask();

    private static List<String> ask() {
      try {
        Process script =
            new ProcessBuilder("sh", ROOT.resolve("scripts/member-jvm").toString(), HOME)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String printed = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (script.waitFor() != 0) {
          throw new IllegalStateException("the server is not built: make dist");
        }
        return printed.lines().toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }
}
