package io.leasehold.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leasehold.bench.scenario.Scenario;
import io.leasehold.bench.scenario.Scenarios;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Scenarios against real members, as short as they go: that they measure, not what. */
final class ScenariosIT {
  @TempDir Path temp;

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Commands commands =
      new Commands(new PrintStream(printed, true, StandardCharsets.UTF_8), false);

  @Test
  @Timeout(120)
  void someScenariosOnOneMember() throws Exception {
    Path file = temp.resolve("results.json");
    int code =
        run(
            "run grant-64 renew-leader renew-batch-leader time-to-live revoke-1-keys lock-1 put-to-event"
                + " --members 1 --seconds 1 --warm-up 0 --leases 500 --json "
                + file);
    assertThat(code).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    Map<String, JsonObject> results = results(Files.readAllLines(file));
    assertThat(results)
        .containsOnlyKeys(
            "grant-64",
            "renew-leader",
            "renew-batch-leader",
            "time-to-live",
            "revoke-1-keys",
            "lock-1",
            "put-to-event");
    results.values().forEach(ScenariosIT::assertMeasured);
    assertThat(printed.toString(StandardCharsets.UTF_8)).contains("renew-leader", "p99Millis");
  }

  @Test
  @Timeout(120)
  void fixedRateIsKept() throws Exception {
    int code = run("run renew-leader --members 1 --seconds 2 --warm-up 3 --rate 200 --leases 300");
    assertThat(code).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    JsonObject result = results(printedLines()).get("renew-leader");
    // The machine may be busy, but what was due is done all the same, and nothing beyond it.
    assertThat(result.getAsJsonObject("figures").get("operations").getAsLong())
        .isBetween(100L, 1_100L);
  }

  @Test
  @Timeout(60)
  void generatorMeasuresItself() throws Exception {
    int code = run("ceiling renew-leader renew-batch-leader grant-256 --seconds 1 --warm-up 0");
    assertThat(code).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    Map<String, JsonObject> results = results(printedLines());
    assertThat(results).hasSize(3);
    results.values().forEach(ScenariosIT::assertMeasured);
  }

  @Test
  void whatIsNotThereIsSaidInOneLine() throws Exception {
    assertThat(run("measure")).isEqualTo(2);
    assertThat(printedLines()).containsExactly("bench: no command measure; see bench help");
  }

  @Test
  @Tag("long")
  @Timeout(900)
  void everyScenarioTiny() throws Exception {
    String names = Scenarios.all().stream().map(Scenario::name).collect(Collectors.joining(" "));
    int code =
        run("run " + names + " --members 3 --heap 384m --seconds 1 --warm-up 1 --leases 2000");
    assertThat(code).as(printed.toString(StandardCharsets.UTF_8)).isZero();
    Map<String, JsonObject> results = results(printedLines());
    assertThat(results)
        .containsOnlyKeys(Scenarios.all().stream().map(Scenario::name).toArray(String[]::new));
    JsonObject lateness = results.get("expiry-lateness").getAsJsonObject("figures");
    assertThat(lateness.get("seen")).isEqualTo(lateness.get("expected"));
    // Rule S1: no lease ends before its time.
    assertThat(lateness.get("earliestMillis").getAsDouble()).isPositive();
    assertThat(
            results.get("snapshot").getAsJsonObject("figures").get("snapshotsOfLeader").getAsLong())
        .isPositive();
    assertThat(results.get("steady").getAsJsonObject("figures").get("leasesLost").getAsLong())
        .isZero();
  }

  private int run(String words) throws InterruptedException {
    return commands.run(List.of(words.split(" ", -1)));
  }

  private List<String> printedLines() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static Map<String, JsonObject> results(List<String> lines) {
    Map<String, JsonObject> results = new LinkedHashMap<>();
    for (String line : lines) {
      if (line.startsWith("{")) {
        JsonObject result = JsonParser.parseString(line).getAsJsonObject();
        results.put(result.get("scenario").getAsString(), result);
      }
    }
    return results;
  }

  private static void assertMeasured(JsonObject result) {
    JsonObject figures = result.getAsJsonObject("figures");
    String name = result.get("scenario").getAsString();
    assertThat(figures.get("operations").getAsLong()).as(name).isPositive();
    assertThat(figures.get("perSecond").getAsDouble()).as(name).isPositive();
    assertThat(figures.get("p50Millis").getAsDouble())
        .as(name)
        .isPositive()
        .isLessThanOrEqualTo(figures.get("maxMillis").getAsDouble());
    assertThat(result.getAsJsonObject("errors").keySet()).as(name).isEmpty();
    assertThat(result.getAsJsonObject("serverCpuSeconds").keySet()).as(name).hasSize(1);
    assertThat(result.get("seconds").getAsDouble()).as(name).isPositive();
    assertThat(result.get("members").getAsInt()).as(name).isEqualTo(1);
    assertThat(result.get("jdk").getAsString())
        .as(name)
        .isEqualTo(System.getProperty("java.version"));
  }
}
