package io.leasehold.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.MetricsPage;
import io.leasehold.cluster.Server;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dashboard and alerts may ask only for what members publish. */
@Timeout(120)
final class MonitoringIT {
  /** Prometheus' own, about its scraping. */
  private static final Set<String> OF_PROMETHEUS = Set.of("up");

  /** Appears with the first collection of garbage, which nobody can be asked for. */
  private static final Pattern WHEN_IT_HAPPENED = Pattern.compile("jvm_gc_pause_seconds_\\w+");

  private static final Pattern METRIC =
      Pattern.compile("\\b((?:leasehold|jvm|process|system)_\\w+|up)\\b");

  private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)\\s*\"([^\"]*)\"");

  @TempDir Path home;

  @Test
  void dashboardAndAlertsNameOnlyWhatMembersPublish() throws Exception {
    Set<String> expressions = new TreeSet<>();
    JsonNode dashboard =
        new ObjectMapper().readTree(Repository.text("deploy/grafana/dashboards/leasehold.json"));
    dashboard.findValues("expr").forEach(expression -> expressions.add(expression.asText()));
    int ofDashboard = expressions.size();
    new YAMLMapper()
        .readTree(Repository.text("deploy/prometheus/alerts.yml"))
        .findValues("expr")
        .forEach(expression -> expressions.add(expression.asText()));
    assertThat(ofDashboard).isGreaterThan(40);
    assertThat(expressions).hasSizeGreaterThan(ofDashboard + 10);

    try (Cluster cluster = Cluster.start(Server.LEASEHOLD, home)) {
      String page = MetricsPage.text(cluster.leader());
      Set<String> published = new TreeSet<>(OF_PROMETHEUS);
      Pattern.compile("(?m)^(\\w+)(?:\\{| )")
          .matcher(page)
          .results()
          .forEach(match -> published.add(match.group(1)));

      for (String expression : expressions) {
        Matcher metric = METRIC.matcher(expression.replaceAll("\"[^\"]*\"", "\"\""));
        int named = 0;
        while (metric.find()) {
          named++;
          if (!WHEN_IT_HAPPENED.matcher(metric.group(1)).matches()) {
            assertThat(published).as(expression).contains(metric.group(1));
          }
        }
        assertThat(named).as(expression).isPositive();
        assertLabelsExist(expression, page);
      }
    }
  }

  /** A value of a label that no member has makes a panel empty, as a wrong name would. */
  private static void assertLabelsExist(String expression, String page) {
    Matcher label = LABEL.matcher(expression);
    while (label.find()) {
      if (!Set.of("job", "instance").contains(label.group(1))) {
        assertThat(page).as(expression).contains(label.group(1) + "=\"" + label.group(2) + "\"");
      }
    }
  }
}
