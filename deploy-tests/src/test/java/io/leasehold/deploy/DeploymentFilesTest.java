package io.leasehold.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.leasehold.cluster.Programs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Compose files, alerts and the systemd unit, judged by the programs that will read them. */
@Timeout(120)
final class DeploymentFilesTest {
  private static final YAMLMapper YAML = new YAMLMapper();

  @Test
  void everyAlertHasTestsAndPassesThem() throws Exception {
    Set<String> tested = new TreeSet<>();
    Pattern.compile("alertname: (\\w+)")
        .matcher(Repository.text("deploy/prometheus/alerts.test.yml"))
        .results()
        .forEach(match -> tested.add(match.group(1)));
    assertThat(tested).isEqualTo(alerts());

    Programs.assume(
        Programs.isInstalled("promtool", "--version"),
        "no promtool (Debian: apt install prometheus) to run the alerts' tests with");
    assertThat(output("deploy/prometheus", "promtool", "test", "rules", "alerts.test.yml"))
        .contains("SUCCESS");
    assertThat(output("deploy/prometheus", "promtool", "check", "config", "prometheus.yml"))
        .contains("1 rule files found");
  }

  @Test
  void operationsSayWhatToDoAboutEveryAlert() throws IOException {
    String operations = Repository.text("docs/operations.md");
    assertThat(alerts())
        .hasSizeGreaterThan(10)
        .allSatisfy(alert -> assertThat(operations).contains("`" + alert + "`"));
  }

  private static Set<String> alerts() throws IOException {
    Set<String> alerts = new TreeSet<>();
    JsonNode file = YAML.readTree(Repository.text("deploy/prometheus/alerts.yml"));
    file.path("groups")
        .forEach(
            group -> group.path("rules").forEach(rule -> alerts.add(rule.path("alert").asText())));
    return alerts;
  }

  @Test
  void composeTakesBothFilesAndEachMemberKnowsAllOthers() throws Exception {
    Programs.assume(
        Compose.isInstalled(), "neither docker compose nor docker-compose to read the files with");
    assertCluster("docker-compose.yml", 3);
    assertCluster("deploy/docker-compose.5.yml", 5);
  }

  private static void assertCluster(String file, int size) throws Exception {
    List<String> command = new ArrayList<>(Compose.command());
    command.addAll(List.of("-f", file, "--profile", "monitoring", "config"));
    JsonNode services = YAML.readTree(output(".", command.toArray(new String[0]))).path("services");
    List<String> peers = new ArrayList<>();
    for (int n = 1; n <= size; n++) {
      peers.add("n" + n + "=http://n" + n + ":2380");
    }
    List<String> ports = new ArrayList<>();
    for (int n = 1; n <= size; n++) {
      JsonNode member = services.path("n" + n);
      JsonNode environment = member.path("environment");
      assertThat(environment.path("LEASEHOLD_NAME").asText()).isEqualTo("n" + n);
      assertThat(environment.path("LEASEHOLD_INITIAL_CLUSTER").asText())
          .isEqualTo(String.join(",", peers));
      assertThat(peers)
          .contains(
              "n" + n + "=" + environment.path("LEASEHOLD_INITIAL_ADVERTISE_PEER_URLS").asText());
      assertThat(member.path("read_only").asBoolean()).isTrue();
      assertThat(member.path("volumes")).hasSize(1);
      // One program prints a line, the other an object.
      JsonNode port = member.path("ports").path(0);
      ports.add(port.isTextual() ? published(port.asText()) : port.path("published").asText());
    }
    assertThat(ports)
        .isEqualTo(List.of("2379", "22379", "32379", "42379", "52379").subList(0, size));
    assertThat(services.has("n" + (size + 1))).isFalse();
    assertThat(services.has("prometheus") && services.has("grafana")).isTrue();
    assertThat(Repository.text("deploy/prometheus/members." + size + ".yml"))
        .contains("\"n" + size + ":2381\"")
        .doesNotContain("\"n" + (size + 1) + ":2381\"");
  }

  @Test
  void systemdFindsNothingWrongWithTheUnit() throws Exception {
    Programs.assume(
        Programs.isInstalled("systemd-analyze", "--version"), "no systemd-analyze to ask");
    Programs.assume(
        Programs.isInstalled("/usr/bin/java", "-version"),
        "no /usr/bin/java, which the unit starts");
    assertThat(output(".", "systemd-analyze", "verify", "deploy/systemd/leasehold.service"))
        .isEmpty();
  }

  /** Runs a program that has to end well, and returns what it said. */
  private static String output(String directory, String... command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(Repository.path(directory).toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }

  /** Of {@code address:published:target}. */
  private static String published(String port) {
    return port.substring(port.indexOf(':') + 1, port.lastIndexOf(':'));
  }
}
