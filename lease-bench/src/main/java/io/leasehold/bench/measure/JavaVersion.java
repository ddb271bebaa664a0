package io.leasehold.bench.measure;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/** Which JDK a process runs on, as the JDK's own directory says. */
public final class JavaVersion {
  private static final String FIELD = "JAVA_VERSION";

  private JavaVersion() {}

  /** Returns such as {@code 25.0.1}; empty for a process that is no JVM, or does not run. */
  public static String of(long pid) {
    try {
      Path program = Path.of("/proc", Long.toString(pid), "exe").toRealPath();
      // Its program is bin/java of the JDK.
      Path file = program.resolveSibling("../release");
      Properties release = new Properties();
      try (Reader reader = Files.newBufferedReader(file)) {
        release.load(reader);
      }
      return release.getProperty(FIELD, "").replace("\"", "");
    } catch (IOException e) {
      return "";
    }
  }
}
