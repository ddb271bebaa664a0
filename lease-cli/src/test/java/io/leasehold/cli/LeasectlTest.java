package io.leasehold.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leasehold.cli.command.Command;
import io.leasehold.cli.command.Commands;
import io.leasehold.cli.command.Terminal;
import io.leasehold.cli.start.Stage;
import io.leasehold.cli.time.Clocks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Command lines and what comes of them, against a server that says yes to everything. */
@Timeout(60)
final class LeasectlTest {
  private static Stage stage;

  /** What one run came to. */
  private record Result(int code, String out, String err) {}

  @BeforeAll
  static void open() throws IOException {
    stage = Stage.open();
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  private static Result runIn(Map<String, String> environment, String input, String... words)
      throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    int code = new Leasectl(environment, terminal, Clocks.system()).run(List.of(words));
    terminal.out().flush();
    return new Result(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static Result run(String line) throws InterruptedException {
    return runIn(
        Map.of("ETCDCTL_ENDPOINTS", stage.endpoint()),
        "",
        Arrays.stream(line.split(" ", -1)).filter(word -> !word.isEmpty()).toArray(String[]::new));
  }

  private static void assertFails(String line, int code, String error) throws InterruptedException {
    Result result = run(line);
    assertThat(result.err()).as(line).isEqualTo("Error: " + error + "\n");
    assertThat(result.code()).as(line).isEqualTo(code);
    assertThat(result.out()).as(line).isEmpty();
  }

  @Test
  void mistakesTakeOneLineAndEtcdctlsExitCode() throws Exception {
    assertFails("foo", 1, "unknown command \"foo\" for \"leasectl\"; see leasectl --help");
    assertFails("get a --nosuch", 1, "unknown flag: --nosuch; see leasectl get --help");
    assertFails("lease grant", 128, "lease grant command needs TTL argument");
    assertFails(
        "lease grant xx", 128, "bad TTL (strconv.ParseInt: parsing \"xx\": invalid syntax)");
    assertFails(
        "lease timetolive zz",
        128,
        "bad lease ID arg (strconv.ParseInt: parsing \"zz\": invalid syntax), expecting ID in Hex");
    assertFails(
        "put a x --lease=zz",
        128,
        "bad lease ID (strconv.ParseInt: parsing \"zz\": invalid syntax), expecting ID in Hex");
    assertFails("put", 128, "put command needs 1 argument and input from stdin or 2 arguments");
    assertFails("put a", 128, "put command needs 1 argument and input from stdin or 2 arguments");
    assertFails(
        "get", 128, "get command needs one argument as key and an optional argument as range_end");
    assertFails(
        "get a --prefix --from-key",
        128,
        "`--prefix` and `--from-key` cannot be set at the same time, choose one");
    assertFails("get a --order=FOO", 4, "bad sort order FOO");
    assertFails("get a --sort-by=X", 4, "bad sort target X");
    assertFails("get a --consistency=q", 4, "unknown consistency flag \"q\"");
    assertFails(
        "get a -w foo", 4, "unsupported output format foo; there are simple, table and json");
    assertFails("get a -w table", 4, "table not supported as output format");
    assertFails("compaction x", 1, "strconv.ParseInt: parsing \"x\": invalid syntax");
    assertFails("compaction", 128, "compaction command needs 1 argument");
    assertFails("move-leader", 128, "move-leader command needs 1 argument");
    assertFails("move-leader zz", 128, "strconv.ParseUint: parsing \"zz\": invalid syntax");
    assertFails("watch", 128, "bad number of arguments");
    assertFails("elect e", 128, "no proposal argument but -l not set");
    assertFails("elect -l e x", 128, "proposal given but -l is set");
    assertFails("lock", 128, "lock takes a lock name argument and an optional command to execute");
    assertFails("lock a --wait x", 128, "--wait x: it takes seconds, or a duration such as 1m30s");
    assertFails("txn", 3, "EOF: each of the three parts of a transaction ends with an empty line");
    assertFails(
        "get a --endpoints=nowhere",
        128,
        "--endpoints nowhere: a member is host:port, or a URL with a port");
    assertFails("get a --cacert=/no/such", 128, "no such file: /no/such");
  }

  @Test
  void aMemberThatIsNotThereIsNamedInTime() throws Exception {
    long begun = System.nanoTime();
    assertFails(
        "get a --endpoints=127.0.0.1:1 --command-timeout=500ms",
        1,
        "no member answered within 500 ms, the last one 127.0.0.1:1: Connection refused");
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void oneMemberThatAnswersIsEnough() throws Exception {
    assertThat(run("put a b --endpoints=127.0.0.1:1," + stage.endpoint()))
        .isEqualTo(new Result(0, "OK\n", ""));
    Result status = run("endpoint status --endpoints=127.0.0.1:1," + stage.endpoint());
    assertThat(status.code()).isEqualTo(1);
    assertThat(status.out()).startsWith(stage.endpoint() + ", 1, 3.5.0, 0 B, true, false, 1, ");
    assertThat(status.err())
        .isEqualTo("Failed to get the status of endpoint 127.0.0.1:1 (Connection refused)\n");
    Result health = run("endpoint health --endpoints=127.0.0.1:1," + stage.endpoint());
    assertThat(health.code()).isEqualTo(1);
    assertThat(health.err())
        .contains("127.0.0.1:1 is unhealthy: failed to commit proposal: Connection refused\n")
        .contains(stage.endpoint() + " is healthy: ");
    assertThat(health.err()).endsWith("\nError: unhealthy cluster\n");
  }

  @Test
  void settingsComeFromTheEnvironmentOursBeforeEtcdctls() throws Exception {
    Map<String, String> environment =
        Map.of(
            "LEASECTL_ENDPOINTS", stage.endpoint(),
            "ETCDCTL_ENDPOINTS", "127.0.0.1:1",
            "ETCDCTL_WRITE_OUT", "json");
    assertThat(runIn(environment, "", "lease", "list").out())
        .endsWith(",\"leases\":[{\"id\":1}]}\n");
    assertThat(runIn(environment, "", "lease", "list", "-w", "simple").out())
        .isEqualTo("found 1 leases\n0000000000000001\n");
  }

  @Test
  void flagsOfAllCommandsMayComeBeforeTheCommand() throws Exception {
    assertThat(run("-w json --command-timeout 3s lease list").out())
        .startsWith("{\"cluster_id\":1,");
  }

  @Test
  void aValueIsReadFromStandardInputAsItIs() throws Exception {
    assertThat(runIn(Map.of("ETCDCTL_ENDPOINTS", stage.endpoint()), "x\n", "put", "a").code())
        .isZero();
  }

  @Test
  void everyCommandTellsWhatItTakes() throws Exception {
    for (Command command : Commands.all()) {
      Result help = run(command.name() + " --help");
      assertThat(help.code()).isZero();
      assertThat(help.out())
          .startsWith("Usage: leasectl " + command.name())
          .contains(command.about());
      assertThat(run("help").out()).contains("  " + command.name() + " ");
    }
    assertThat(run("lease").out()).contains("lease keep-alive").doesNotContain("move-leader");
  }

  @Test
  void bashCompletesCommandsAndFlags() throws Exception {
    assumeTrue(isInstalled("bash"), "bash is not installed");
    String script = run("completion bash").out();
    String asked =
        script
            + "COMP_WORDS=(leasectl lease ti); COMP_CWORD=2; _leasectl; echo ${COMPREPLY[@]}\n"
            + "COMP_WORDS=(leasectl get --keys); COMP_CWORD=2; _leasectl; echo ${COMPREPLY[@]}\n"
            + "COMP_WORDS=(leasectl lock a -- l); COMP_CWORD=4; COMPREPLY=(); _leasectl; echo none\n";
    Process bash = new ProcessBuilder("bash", "-c", asked).redirectErrorStream(true).start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("timetolive\n--keys-only\nnone\n");
    assertThat(run("completion zsh").out()).startsWith("#compdef leasectl\n").endsWith(script);
    assertFails("completion fish", 128, "completion fish: there are scripts for bash and zsh");
  }

  @Test
  void zshCompletesCommandsAndFlagsThoughItsOwnCompletionWasNotBegun(@TempDir Path home)
      throws Exception {
    assumeTrue(isInstalled("zsh"), "zsh is not installed");
    // Arrays count from zero, as they do where zsh calls functions that were made for bash.
    // The candidates are all of them: zsh itself picks those that fit.
    String asked =
        run("completion zsh").out()
            + "print -r -- $_comps[leasectl]\n"
            + "setopt ksharrays\n"
            + "COMP_WORDS=(leasectl lease ti); COMP_CWORD=2; _leasectl; echo ${COMPREPLY[@]}\n"
            + "COMP_WORDS=(leasectl get --keys); COMP_CWORD=2; _leasectl; echo ${COMPREPLY[@]}\n"
            + "COMP_WORDS=(leasectl lock a -- l); COMP_CWORD=4; COMPREPLY=(); _leasectl; echo none\n";
    ProcessBuilder builder = new ProcessBuilder("zsh", "-f", "-c", asked);
    // Where it keeps what it found.
    builder.environment().put("ZDOTDIR", home.toString());
    Process zsh = builder.redirectErrorStream(true).start();
    assertThat(new String(zsh.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .matches(
            """
            _bash_complete .*-F _leasectl
            grant keep-alive list revoke timetolive
            .* --keys-only .*
            none
            """);
    assertThat(zsh.waitFor()).isZero();
  }

  private static boolean isInstalled(String shell) throws InterruptedException {
    try {
      return new ProcessBuilder(shell, "-c", ":").start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theDocumentListsWhatThereIs() throws Exception {
    Path root = Path.of(System.getProperty("leasehold.root", "..")).toAbsolutePath();
    assertThat(root.resolve("docs/leasectl.md")).content().contains(Reference.markdown());
  }
}
