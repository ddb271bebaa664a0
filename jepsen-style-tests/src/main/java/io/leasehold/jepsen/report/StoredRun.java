package io.leasehold.jepsen.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leasehold.jepsen.check.RunParameters;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.HistoryReader;
import io.leasehold.jepsen.history.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run left in its directory.
 *
 * @param plan empty if there is none
 * @param verdicts null if it was not judged
 * @param parameters those by which it was judged, as far as the plan says
 * @param reproduction how to run it again; empty if nobody said
 */
record StoredRun(
    Path directory,
    JsonObject plan,
    History history,
    @Nullable Verdicts verdicts,
    RunParameters parameters,
    List<NodeLog> logs,
    String reproduction) {
  static final String PLAN = "plan.json";
  static final String HISTORY = "history.jsonl";
  static final String VERDICT = "verdict.json";
  static final String REPRODUCTION = "repro.sh";
  private static final String PARAMETERS = "parameters";

  /** The run's directory, the cluster's within it, and that of a member. */
  private static final int LOG_DEPTH_MAX = 4;

  private static final int LOGS_MAX = 64;

  StoredRun {
    logs = List.copyOf(logs);
  }

  /**
   * Reads a run; only its history must be there.
   *
   * @throws IOException if a file is damaged or cannot be read
   */
  static StoredRun read(Path directory) throws IOException {
    Optional<String> plan = text(directory.resolve(PLAN));
    Optional<String> verdict = text(directory.resolve(VERDICT));
    JsonObject planned = new JsonObject();
    Verdicts verdicts = null;
    RunParameters parameters = RunParameters.defaults();
    String reading = PLAN;
    try {
      if (plan.isPresent()) {
        planned = JsonParser.parseString(plan.get()).getAsJsonObject();
        JsonElement judgedBy = planned.get(PARAMETERS);
        if (judgedBy != null) {
          parameters = Json.read(judgedBy.toString(), RunParameters.class);
        }
      }
      reading = VERDICT;
      if (verdict.isPresent()) {
        verdicts = Json.read(verdict.get(), Verdicts.class);
      }
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException(directory.resolve(reading) + " is damaged: " + e.getMessage(), e);
    }
    return new StoredRun(
        directory,
        planned,
        HistoryReader.read(directory.resolve(HISTORY)),
        verdicts,
        parameters,
        logs(directory),
        text(directory.resolve(REPRODUCTION)).orElse("").replaceFirst("^#!.*\\R", "").strip());
  }

  private static Optional<String> text(Path file) throws IOException {
    return Files.exists(file)
        ? Optional.of(Files.readString(file, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  private static List<NodeLog> logs(Path directory) throws IOException {
    List<Path> files;
    try (Stream<Path> found =
        Files.find(
            directory,
            LOG_DEPTH_MAX,
            (path, attributes) ->
                attributes.isRegularFile() && path.getFileName().toString().endsWith(".log"))) {
      files = found.sorted().limit(LOGS_MAX).toList();
    }
    List<NodeLog> logs = new ArrayList<>();
    for (Path file : files) {
      logs.add(NodeLog.read(directory, file));
    }
    return logs;
  }

  /** Its directory's name, which runs are told apart by. */
  String name() {
    Path name = directory.toAbsolutePath().normalize().getFileName();
    return name == null ? directory.toString() : name.toString();
  }

  Proofs proofs() {
    return verdicts == null ? Proofs.none() : Proofs.of(verdicts);
  }
}
