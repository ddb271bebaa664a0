package io.leasehold.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./leasectl} itself: what it does where nothing can be written. */
@Timeout(180)
final class StartIT {
  private static final Path ROOT =
      Path.of(System.getProperty("leasehold.root", "..")).toAbsolutePath();

  /** What one run came to. */
  private record Result(int code, String out) {}

  @TempDir Path home;

  private Path checkout() throws Exception {
    Path script = Files.copy(ROOT.resolve("leasectl"), home.resolve("leasectl"));
    Files.createSymbolicLink(home.resolve("scripts"), ROOT.resolve("scripts"));
    Path target = Files.createDirectories(home.resolve("lease-cli/target"));
    Files.createSymbolicLink(target.resolve("dist"), ROOT.resolve("lease-cli/target/dist"));
    return script;
  }

  private static Result run(Path script, String... words) throws Exception {
    String[] command = new String[words.length + 2];
    command[0] = "sh";
    command[1] = script.toString();
    System.arraycopy(words, 0, command, 2, words.length);
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), out);
  }

  @Test
  void whereNoArchiveCanBeWrittenItStartsAllTheSame() throws Exception {
    Path script = checkout();
    // Nobody, not even root, makes a directory where a file is.
    Path start = Files.writeString(home.resolve("lease-cli/target/start"), "in the way");
    Result version = run(script, "version");
    assertThat(version.out()).startsWith("leasectl version: ");
    assertThat(version.code()).isZero();
    // Its words and its exit code pass through.
    assertThat(run(script, "lease", "grant").code()).isEqualTo(128);
    assertThat(start).hasContent("in the way");
  }

  @Test
  void anArchiveIsMadeOnceAndUsed() throws Exception {
    Path script = checkout();
    Result first = run(script, "version");
    assertThat(first.code()).isZero();
    Path arguments = home.resolve("lease-cli/target/start/jvm.args");
    assertThat(arguments).content().contains("start.archive");
    byte[] made = Files.readAllBytes(arguments);
    var at = Files.getLastModifiedTime(arguments);
    assertThat(run(script, "version")).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(arguments)).isEqualTo(at);
    assertThat(Files.readAllBytes(arguments)).isEqualTo(made);
  }
}
