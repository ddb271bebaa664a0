package io.leasehold.jepsen.bugs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.jepsen.cluster.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BugBankTest {
  static List<String> bugs() throws IOException {
    return BugBank.all().stream().map(Bug::name).toList();
  }

  /** Whether it compiles as well is told where the distribution is built. */
  @ParameterizedTest
  @MethodSource("bugs")
  void everyBugFitsTodaysSources(String name) throws IOException {
    Map<String, String> changed = BuggyClasses.changedSources(BugBank.of(name));

    assertThat(changed).isNotEmpty();
    for (Map.Entry<String, String> each : changed.entrySet()) {
      assertThat(each.getValue())
          .isNotEqualTo(Files.readString(Repository.root().resolve(each.getKey())));
    }
  }

  @Test
  void aBugThatThereIsNotIsNamedTogetherWithThoseThatThereAre() {
    assertThatThrownBy(() -> BugBank.of("no-such-bug"))
        .hasMessageContaining("no-such-bug")
        .hasMessageContaining("log-not-synced");
  }

  @Test
  void aBugSaysWhatItBreaksAndWhoMustCatchIt() {
    Bug bug =
        Bug.parse(
            "slip",
            List.of(
                "what: A slip: of the pen.",
                "breaks: S1",
                "workload: set",
                "faults: KILL_ONE",
                "seconds: 15",
                "seed: 4",
                "members: 5",
                "caught by: P1, P9",
                "",
                "--- x",
                "+++ x",
                "@@ -1 +1 @@",
                "-a",
                "+b"));

    assertThat(bug.what()).isEqualTo("A slip: of the pen.");
    assertThat(bug.caughtBy()).containsExactly("P1", "P9");
    assertThat(bug.checkpointSeconds()).isEqualTo(5);
    assertThat(bug.members()).isEqualTo(5);
    assertThat(bug.patch().files()).hasSize(1);
    assertThatThrownBy(() -> Bug.parse("slip", List.of("what: nothing", "")))
        .hasMessageContaining("breaks:");
  }
}
