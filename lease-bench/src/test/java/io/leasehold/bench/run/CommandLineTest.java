package io.leasehold.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.Target;
import io.leasehold.bench.scenario.Route;
import io.leasehold.bench.scenario.Scenario;
import io.leasehold.bench.scenario.Scenarios;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CommandLineTest {
  @Test
  void everyOptionIsRead() {
    CommandLine read =
        parse(
            "renew-leader --target etcd --members 1 --heap 2g --seconds 3 --warm-up 0 --leases 50"
                + " --rate 100 --through all --rounds 4 --threads 2 --json out.json grant-1");
    assertThat(read.scenarios())
        .extracting(Scenario::name)
        .containsExactly("renew-leader", "grant-1");
    assertThat(read.target()).isEqualTo(Target.ETCD);
    assertThat(read.members()).isEqualTo(1);
    assertThat(read.heap()).isEqualTo("2g");
    assertThat(read.options().seconds()).isEqualTo(3);
    assertThat(read.options().warmUpSeconds()).isZero();
    assertThat(read.options().leases()).isEqualTo(50);
    assertThat(read.options().ratePerSecond()).isEqualTo(100);
    assertThat(read.options().route()).isEqualTo(Route.ALL);
    assertThat(read.rounds()).isEqualTo(4);
    assertThat(read.threads()).isEqualTo(2);
    assertThat(read.json()).isEqualTo(Path.of("out.json"));
    assertThat(parse("--endpoints a:1,b:2").endpoints()).containsExactly("a:1", "b:2");
  }

  @Test
  void nothingNamedIsTheDefault() {
    assertThat(parse("--seconds 1").or(Scenarios.all()).scenarios()).isEqualTo(Scenarios.all());
    assertThat(parse("list").or(Scenarios.all()).scenarios()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "renew-nobody | no scenario renew-nobody; see bench list",
        "--seconds | --seconds: has no value",
        "--seconds 0 | --seconds 0: not a number from 1 to 100000",
        "--leases many | --leases many: not a number from 1 to 16000000",
        "--target consul | --target consul: choose one of leasehold, etcd",
        "--through learner | --through learner: choose leader, follower or all",
        "--fast 1 | --fast: no such option; see bench help",
      })
  void whatIsWrongIsNamed(String words, String complaint) {
    assertThatThrownBy(() -> parse(words)).isInstanceOf(BenchException.class).hasMessage(complaint);
  }

  @Test
  void namesOfScenariosAreTheirOwn() {
    assertThat(Scenarios.all()).extracting(Scenario::name).doesNotHaveDuplicates();
  }

  private static CommandLine parse(String words) {
    return CommandLine.parse(List.of(words.split(" ", -1)), 1);
  }
}
