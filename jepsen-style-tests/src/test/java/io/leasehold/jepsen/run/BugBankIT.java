package io.leasehold.jepsen.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.bugs.Bug;
import io.leasehold.jepsen.bugs.BugBank;
import io.leasehold.jepsen.bugs.BuggyClasses;
import io.leasehold.jepsen.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("long")
@Timeout(300)
final class BugBankIT {
  @TempDir private Path home;

  static List<String> bugs() throws IOException {
    return BugBank.all().stream().map(Bug::name).toList();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void everyBugCompilesAgainstTodaysDistribution(String name) throws IOException {
    Path classes = BuggyClasses.compile(BugBank.of(name), home);

    try (Stream<Path> compiled = Files.walk(classes)) {
      assertThat(compiled).anyMatch(file -> file.toString().endsWith(".class"));
    }
  }

  /**
   * One of the product's memory, one of its log, one that only a leader's death brings to light.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {"renewal-by-anybody", "end-in-several-revisions", "promotion-without-extension"})
  void membersWithABugAreCaught(String name) throws IOException {
    Bug bug = BugBank.of(name);
    BugHunt hunt = new BugHunt(System.out, Report::write);

    hunt.hunt(bug, BugHunt.order(bug), home.resolve("run"));

    assertThat(hunt.isOk()).as(hunt.table()).isTrue();
  }
}
