package io.leasehold.jepsen.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a member wrote about itself.
 *
 * @param path relative to the run's directory
 * @param firstErrors the first lines that say so, shortened
 */
record NodeLog(Path path, long bytes, long warnings, long errors, List<String> firstErrors) {
  private static final int ERRORS_KEPT_MAX = 5;
  private static final int LINE_MAX = 300;
  private static final Pattern WARNING = Pattern.compile("\\bWARN(ING)?\\b|\"level\":\"warn\"");
  private static final Pattern ERROR =
      Pattern.compile(
          "\\b(ERROR|FATAL|OutOfMemoryError)\\b|\"level\":\"(error|fatal|panic)\"|^panic:");

  NodeLog {
    firstErrors = List.copyOf(firstErrors);
  }

  static NodeLog read(Path directory, Path file) throws IOException {
    long warnings = 0;
    long errors = 0;
    List<String> first = new ArrayList<>();
    // What is no text is shown as such: a member that was killed may have written anything.
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (ERROR.matcher(line).find()) {
          errors++;
          if (first.size() < ERRORS_KEPT_MAX) {
            first.add(line.length() > LINE_MAX ? line.substring(0, LINE_MAX) + " …" : line);
          }
        } else if (WARNING.matcher(line).find()) {
          warnings++;
        }
      }
    }
    return new NodeLog(directory.relativize(file), Files.size(file), warnings, errors, first);
  }
}
