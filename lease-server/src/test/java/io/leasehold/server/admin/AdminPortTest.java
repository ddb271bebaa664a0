package io.leasehold.server.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.AlarmType;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.server.fake.TestCluster;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class AdminPortTest {
  private final HttpClient http = HttpClient.newHttpClient();

  private HttpResponse<String> get(TestCluster cluster, String path) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + cluster.server("n1").adminPort() + path);
    return http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void memberWithLeaderIsReadyAndSaysWhy() throws Exception {
    try (TestCluster cluster = TestCluster.start("n1")) {
      assertThat(get(cluster, "/livez").statusCode()).isEqualTo(200);
      HttpResponse<String> ready = get(cluster, "/readyz?verbose");
      assertThat(ready.statusCode()).isEqualTo(200);
      assertThat(ready.body())
          .contains("[+]leader ok", "[+]linearizable_read ok", "[+]serving ok")
          .endsWith("ok\n");
      HttpResponse<String> health = get(cluster, "/health");
      assertThat(health.body()).isEqualTo("{\"health\":\"true\",\"reason\":\"\"}");
      assertThat(get(cluster, "/other").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void memberWithoutLeaderIsAliveButNotReady() throws Exception {
    try (TestCluster cluster = TestCluster.startWithoutLeader("n1")) {
      assertThat(get(cluster, "/livez").statusCode()).isEqualTo(200);
      HttpResponse<String> ready = get(cluster, "/readyz");
      assertThat(ready.statusCode()).isEqualTo(503);
      assertThat(ready.body()).contains("[-]leader failed: no leader is known");
      HttpResponse<String> health = get(cluster, "/health");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body()).startsWith("{\"health\":\"false\"");
    }
  }

  @Test
  void anAlarmShowsInHealthInEtcdsWordsAndSendsNoClientAway() throws Exception {
    try (TestCluster cluster = TestCluster.start("n1")) {
      long memberId = cluster.engine("n1").memberId("n1");
      MaintenanceGrpc.MaintenanceBlockingStub maintenance =
          MaintenanceGrpc.newBlockingStub(cluster.channel("n1"));
      AlarmRequest.Builder alarm =
          AlarmRequest.newBuilder().setMemberID(memberId).setAlarm(AlarmType.NOSPACE);
      AlarmResponse raised =
          maintenance.alarm(alarm.setAction(AlarmRequest.AlarmAction.ACTIVATE).build());
      assertThat(raised.getAlarmsCount()).isEqualTo(1);
      HttpResponse<String> health = get(cluster, "/health");
      assertThat(health.statusCode()).isEqualTo(503);
      assertThat(health.body()).isEqualTo("{\"health\":\"false\",\"reason\":\"ALARM NOSPACE\"}");
      assertThat(get(cluster, "/readyz").statusCode()).isEqualTo(200);

      AlarmResponse ended =
          maintenance.alarm(alarm.setAction(AlarmRequest.AlarmAction.DEACTIVATE).build());
      assertThat(ended.getAlarmsCount()).isEqualTo(1);
      assertThat(get(cluster, "/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void documentationNamesExactlyTheMetricsThereAre() throws Exception {
    try (TestCluster cluster = TestCluster.start("n1")) {
      String metrics = get(cluster, "/metrics").body();
      assertThat(metrics).contains("leasehold_leases 0.0").contains("jvm_memory_used_bytes");
      assertThat(names(metrics, "(?m)^# TYPE (leasehold_(?!engine_rocksdb_)\\w+) "))
          .isEqualTo(
              names(Files.readString(Path.of("../docs/metrics.md")), "`(leasehold_\\w+)[`{]"));
    }
  }

  private static Set<String> names(String text, String pattern) {
    Set<String> names = new TreeSet<>();
    Pattern.compile(pattern).matcher(text).results().forEach(match -> names.add(match.group(1)));
    return names;
  }
}
