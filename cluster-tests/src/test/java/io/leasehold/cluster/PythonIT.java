package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** python-etcd3 on every member. */
final class PythonIT extends OnEachServer {
  /** Debian's own, for which Debian's packages are; another may be first on the path. */
  private static final String PYTHON = "/usr/bin/python3";

  private static final long SECONDS_MAX = 60;

  @Test
  void leaseLockTransactionAndWatchWorkOnEveryMember() throws Exception {
    Programs.assume(
        Programs.isInstalled(PYTHON, "-c", "import etcd3"),
        "python-etcd3 is not installed (Debian package python3-etcd3)");
    Path script = home.resolve("etcd3_smoke.py");
    if (Files.notExists(script)) {
      try (InputStream source = PythonIT.class.getResourceAsStream("/etcd3_smoke.py")) {
        Files.copy(source, script);
      }
    }
    for (MemberProcess member : cluster.members()) {
      Process process =
          new ProcessBuilder(
                  PYTHON, script.toString(), "127.0.0.1", Integer.toString(member.clientPort()))
              .redirectErrorStream(true)
              .start();
      try {
        boolean hasEnded = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
        if (!hasEnded) {
          process.destroyForcibly();
        }
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(output).isEqualTo("lease\nlock\ntransaction\nwatch\n");
        assertThat(hasEnded).isTrue();
        assertThat(process.exitValue()).isZero();
      } finally {
        process.destroyForcibly();
      }
    }
  }
}
