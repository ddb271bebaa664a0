package io.leasehold.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServerConfigTest {
  @TempDir Path directory;

  private static ServerConfig config(String... arguments) throws ConfigurationException {
    return ServerConfig.of(List.of(arguments), Map.of());
  }

  @Test
  void withoutSettingsAMemberIsAClusterOfItsOwn() throws Exception {
    ServerConfig config = config();
    assertThat(config.name()).isEqualTo("default");
    assertThat(config.dataDirectory()).isEqualTo(Path.of("default.leasehold"));
    assertThat(config.listenClient()).containsExactly(new HttpUrl("localhost", 2379));
    assertThat(config.advertiseClientUrls()).containsExactly(new HttpUrl("localhost", 2379));
    assertThat(config.listenPeer()).isEqualTo(new HttpUrl("localhost", 2380));
    assertThat(config.initialCluster())
        .containsExactly(Map.entry("default", new HttpUrl("localhost", 2380)));
    assertThat(config.isExisting()).isFalse();
    assertThat(config.heartbeatMillis()).isEqualTo(100);
    assertThat(config.electionTimeoutMillis()).isEqualTo(1000);
    assertThat(config.minTtl().minMillis()).isEqualTo(2000);
    assertThat(config.checkpointIntervalMillis()).isEqualTo(60_000);
    assertThat(config.requestBytesMax()).isEqualTo(1_572_864);
    assertThat(config.logFormat()).isEqualTo(ServerConfig.LogFormat.TEXT);
  }

  @Test
  void everySettingIsRead() throws Exception {
    ServerConfig config =
        config(
            "--name=n2",
            "--data-dir",
            "/tmp/n2",
            "--listen-client-urls",
            "http://0.0.0.0:2379,http://[::1]:2379",
            "--advertise-client-urls",
            "http://n2.example:2379",
            "--listen-peer-urls",
            "http://0.0.0.0:2380",
            "--initial-advertise-peer-urls",
            "http://n2.example:2380",
            "--initial-cluster",
            "n1=http://n1.example:2380,n2=http://n2.example:2380",
            "--initial-cluster-state",
            "existing",
            "--initial-cluster-token",
            "prod",
            "--replace-member",
            "--heartbeat-interval",
            "50",
            "--election-timeout",
            "500",
            "--snapshot-count",
            "500",
            "--quota-backend-bytes",
            "4294967296",
            "--max-request-bytes",
            "1048576",
            "--lease-checkpoint-interval",
            "500ms",
            "--lease-revoke-rate",
            "1000",
            "--min-lease-ttl",
            "5",
            "--listen-metrics-urls",
            "http://0.0.0.0:2381",
            "--log-level",
            "debug",
            "--log-format",
            "json");
    assertThat(config.name()).isEqualTo("n2");
    assertThat(config.listenClient())
        .containsExactly(new HttpUrl("0.0.0.0", 2379), new HttpUrl("::1", 2379));
    assertThat(config.listenClient().get(1)).hasToString("http://[::1]:2379");
    assertThat(config.initialCluster()).hasSize(2);
    assertThat(config.isExisting()).isTrue();
    assertThat(config.isReplacement()).isTrue();
    assertThat(config.clusterToken()).isEqualTo("prod");
    assertThat(config.snapshotEntries()).isEqualTo(500);
    assertThat(config.quotaBytes()).isEqualTo(4_294_967_296L);
    assertThat(config.checkpointIntervalMillis()).isEqualTo(500);
    assertThat(config.revokeRatePerSecond()).isEqualTo(1000);
    assertThat(config.minTtl().minMillis()).isEqualTo(5000);
    assertThat(config.logLevel()).isEqualTo("debug");
    assertThat(config.logFormat()).isEqualTo(ServerConfig.LogFormat.JSON);
  }

  @Test
  void flagsWinOverEnvironmentAndEnvironmentOverFile() throws Exception {
    Path file = write("name: from-file\nlog-level: error\nsnapshot-count: 77\nlog-format: json\n");
    ServerConfig config =
        ServerConfig.of(
            List.of("--config-file", file.toString(), "--name", "from-flag"),
            Map.of(
                "LEASEHOLD_NAME", "from-environment",
                "LEASEHOLD_LOG_LEVEL", "warn",
                "PATH", "/bin"));
    assertThat(config.name()).isEqualTo("from-flag");
    assertThat(config.logLevel()).isEqualTo("warn");
    assertThat(config.snapshotEntries()).isEqualTo(77);
    assertThat(config.logFormat()).isEqualTo(ServerConfig.LogFormat.JSON);
  }

  @Test
  void listsMayBeListsInTheFile() throws Exception {
    Path file =
        write(
            """
            name: a
            initial-cluster:
              - a=http://a:2380
              - b=http://b:2380
            """);
    ServerConfig config =
        ServerConfig.of(List.of(), Map.of("LEASEHOLD_CONFIG_FILE", file.toString()));
    assertThat(config.initialCluster().keySet()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--nmae n1 | --nmae: unknown option; did you mean --name?",
        "--election-timout=5 | --election-timout: unknown option; did you mean --election-timeout?",
        "--zzzzzzzzz 1 | --zzzzzzzzz: unknown option; see --help for the options there are",
        "stray | stray: not an option; options begin with --, see --help",
        "--name | --name: has no value; write --name NAME",
        "--name a --name b | --name b: given twice; give it once",
        "--name a/b | --name a/b: not a name; use up to 63 letters, digits, dots, dashes and"
            + " underscores",
        "--listen-client-urls nonsense | --listen-client-urls nonsense: is not an http URL; write"
            + " http://HOST:PORT",
        "--listen-client-urls https://h:1 | --listen-client-urls https://h:1: TLS is not supported"
            + " by this version; use http://",
        "--listen-client-urls http://h | --listen-client-urls http://h: has no port between 0 and"
            + " 65535; write http://HOST:PORT",
        "--listen-client-urls http://h:70000 | --listen-client-urls http://h:70000: has no port"
            + " between 0 and 65535; write http://HOST:PORT",
        "--listen-client-urls http://h:1/x | --listen-client-urls http://h:1/x: has something after"
            + " the port; write http://HOST:PORT",
        "--listen-peer-urls http://a:1,http://b:2 | --listen-peer-urls http://a:1,http://b:2: 2"
            + " URLs; name one for --listen-peer-urls",
        "--initial-cluster default=http://a:1,default=http://b:2 | --initial-cluster"
            + " default=http://a:1,default=http://b:2: two members are named default; give each its"
            + " own name",
        "--initial-cluster default=http://a:1,x=http://a:1 | --initial-cluster"
            + " default=http://a:1,x=http://a:1: two members have http://a:1; give each its own URL",
        "--name c --initial-cluster a=http://a:1 | --initial-cluster a=http://a:1: does not name"
            + " this member, c; add c=http://localhost:2380, or correct --name",
        "--initial-cluster a | --initial-cluster a: a is not NAME=URL; write NAME=http://HOST:PORT"
            + " for each member",
        "--election-timeout 300 | --election-timeout 300: less than 5 heartbeat intervals of 100"
            + " ms; raise it to 500 or lower --heartbeat-interval",
        "--heartbeat-interval ten | --heartbeat-interval ten: not a whole number; give one from 5"
            + " to 50000",
        "--heartbeat-interval 0 | --heartbeat-interval 0: out of range; give a number from 5 to"
            + " 50000",
        "--lease-checkpoint-interval 5 | --lease-checkpoint-interval 5: not a duration; write"
            + " 500ms, 5s, 2m or 1h",
        "--min-lease-ttl 1 | --min-lease-ttl 1: out of range; give a number from 2 to 9000000000",
        "--log-level loud | --log-level loud: not one of trace, debug, info, warn, error; choose one"
            + " of them",
        "--initial-cluster-state old | --initial-cluster-state old: not one of new, existing; choose"
            + " one of them",
        "--config-file /no/such/file | --config-file /no/such/file: no such file; check the path"
      })
  void badFlagIsOneLineThatNamesItAndSaysWhatToDo(String line, String message) {
    assertThatThrownBy(() -> config(line.strip().split(" ")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(message);
  }

  @Test
  void unknownEnvironmentVariableIsNamed() {
    assertThatThrownBy(() -> ServerConfig.of(List.of(), Map.of("LEASEHOLD_DATADIR", "x")))
        .hasMessage(
            "LEASEHOLD_DATADIR in the environment: unknown option; did you mean"
                + " LEASEHOLD_DATA_DIR?");
  }

  @Test
  void valueFromTheEnvironmentIsNamedAsSuch() {
    assertThatThrownBy(() -> ServerConfig.of(List.of(), Map.of("LEASEHOLD_LOG_LEVEL", "loud")))
        .hasMessageStartingWith("LEASEHOLD_LOG_LEVEL loud: not one of");
  }

  @Test
  void unknownKeyInTheFileIsNamed() throws Exception {
    Path file = write("name: a\nsnapshotcount: 5\n");
    assertThatThrownBy(() -> config("--config-file", file.toString()))
        .hasMessage(
            "--config-file " + file + ": unknown key snapshotcount; did you mean snapshot-count?");
  }

  @Test
  void whatIsNotYamlIsOneLineWithThePlace() throws Exception {
    for (String yaml : List.of("name: [a\nb: }", "name: a\nname: b\n", "\tname: a", "- a\n- b\n")) {
      Path file = write(yaml);
      assertThatThrownBy(() -> config("--config-file", file.toString()))
          .isInstanceOf(ConfigurationException.class)
          .hasMessageStartingWith("--config-file " + file + ": not ")
          .message()
          .doesNotContain("\n");
    }
  }

  @Test
  void documentationListsEveryOption() throws Exception {
    String page = Files.readString(Path.of("../docs/configuration.md"));
    assertThat(page)
        .as("docs/configuration.md holds the table that Usage.markdownTable() makes")
        .contains(Usage.markdownTable());
  }

  @Test
  void helpNamesEveryOption() {
    for (Option option : Option.values()) {
      assertThat(Usage.help()).contains("--" + option.flag() + " ").contains(option.purpose());
    }
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(directory.resolve("settings.yaml"), yaml);
  }
}
