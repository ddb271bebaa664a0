package io.leasehold.jepsen.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TargetTest {
  @Test
  void membersThatAreNotQuiteTheProductDoNotTakeItsClassesFromAnArchive() {
    assertThat(
            Target.withoutArchives(
                List.of("-Xmx1g", "-XX:AOTCache=m.aot", "-XX:SharedArchiveFile=m.jsa", "-Da=b")))
        .containsExactly("-Xmx1g", "-Da=b");
  }
}
