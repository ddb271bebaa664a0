package io.leasehold.bench.measure;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class JavaVersionTest {
  @Test
  void ownVersionIsFound() {
    assertThat(JavaVersion.of(ProcessHandle.current().pid()))
        .isEqualTo(System.getProperty("java.version"));
  }

  @Test
  void whatDoesNotRunHasNone() {
    assertThat(JavaVersion.of(0)).isEmpty();
  }
}
