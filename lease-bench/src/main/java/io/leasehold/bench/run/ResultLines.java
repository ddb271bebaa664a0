package io.leasehold.bench.run;

import io.leasehold.bench.report.Measurement;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Writes each result as a line of JSON, on the terminal and into a file. */
final class ResultLines {
  private final PrintStream out;
  private final @Nullable Path file;

  ResultLines(PrintStream out, @Nullable Path file) {
    this.out = out;
    this.file = file;
  }

  void add(Measurement measurement) {
    String line = measurement.json();
    out.println(line);
    if (file != null) {
      try {
        Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write " + file, e);
      }
    }
  }
}
