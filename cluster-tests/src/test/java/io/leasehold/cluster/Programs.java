package io.leasehold.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Programs that a machine may have or not. */
public final class Programs {
  private Programs() {}

  /** Returns whether a program ends well with the given arguments. */
  public static boolean isInstalled(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Skips the test, and says why, unless the condition holds. */
  public static void assume(boolean isThere, String whatIsMissing) {
    if (!isThere) {
      System.out.println("Skipped: " + whatIsMissing);
    }
    assumeTrue(isThere, whatIsMissing);
  }
}
