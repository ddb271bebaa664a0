package io.leasehold.bench.run;

import io.leasehold.bench.cluster.BenchCluster;
import io.leasehold.bench.report.Result;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes each result as a line of JSON, on the terminal and into a file. */
final class ResultLines {
  private final PrintStream out;
  private final @Nullable Path file;

  ResultLines(PrintStream out, @Nullable Path file) {
    this.out = out;
    this.file = file;
  }

  void add(Result result, BenchCluster cluster, int round) {
    Map<String, Object> run = new LinkedHashMap<>();
    run.put("at", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    run.put("target", cluster.label());
    run.put("version", cluster.version());
    run.put("members", cluster.members().size());
    run.put("processors", Runtime.getRuntime().availableProcessors());
    run.put("round", round);
    String line = result.json(run);
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
