package io.leasehold.cli.lock;

import io.leasehold.cli.lock.Signals.Signal;
import io.leasehold.cli.time.Clocks;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command that does not outlive what it runs under. A shell of its own, the guard, holds the time
 * at which the command must end, and is told a later one with each renewal; so the command ends in
 * time although this process stands still, or is gone.
 *
 * <p>The thread that made it waits; {@link #pass} may come from any.
 */
public final class GuardedCommand {
  /**
   * How it ended.
   *
   * @param code the command's exit code; 128 and the signal's number if one ended it
   * @param wasEnded whether it was ended, or was to be, because what it ran under was at risk
   */
  public record Ending(int code, boolean wasEnded) {}

  private static final String SHELL = "sh";

  /** A message to the guard that took longer may say too late a time, and is sent again. */
  private static final Duration STALE = Duration.ofMillis(50);

  private static final Duration CHECK_MOST = Duration.ofMillis(250);
  private static final int CHECKS_PER_TTL = 40;

  private final Hold hold;
  private final GraceRule rule;
  private final Duration checkEvery;
  private final Clocks clocks;
  private final Process guard;
  private final Writer toGuard;
  private final Process command;
  private final boolean isOnTerminal;

  /** The time of TERM that the guard has. */
  private long termNanos;

  private GuardedCommand(
      Hold hold,
      Duration ttl,
      Clocks clocks,
      Process guard,
      Process command,
      boolean isOnTerminal) {
    this.hold = hold;
    this.rule = GraceRule.of(ttl);
    Duration share = ttl.dividedBy(CHECKS_PER_TTL);
    this.checkEvery = share.compareTo(CHECK_MOST) < 0 ? share : CHECK_MOST;
    this.clocks = clocks;
    this.guard = guard;
    this.toGuard =
        new BufferedWriter(
            new OutputStreamWriter(guard.getOutputStream(), StandardCharsets.US_ASCII));
    this.command = command;
    this.isOnTerminal = isOnTerminal;
  }

  /**
   * Starts a command on this process's own input and output.
   *
   * @param environment what it finds in its environment beside what is there
   * @throws IOException if there is no shell, or no place for temporary files
   */
  public static GuardedCommand start(
      List<String> words, Map<String, String> environment, Hold hold, Duration ttl, Clocks clocks)
      throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("leasectl");
    boolean hasSessions = succeeds("command -v setsid >/dev/null 2>&1");
    List<String> guarding = new ArrayList<>(hasSessions ? List.of("setsid") : List.of());
    // Apart from this process's group: what the terminal sends to that is not meant for the guard.
    guarding.addAll(
        List.of(SHELL, "-c", script("guard.sh"), "leasectl-guard", directory.toString()));
    Process guard =
        new ProcessBuilder(guarding).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    BufferedReader said =
        new BufferedReader(
            new InputStreamReader(guard.getInputStream(), StandardCharsets.US_ASCII));
    if (!"ready".equals(said.readLine())) {
      guard.destroyForcibly();
      throw new IOException("no command can be guarded: no fifo can be made in " + directory);
    }
    List<String> gated =
        new ArrayList<>(
            List.of(
                SHELL,
                "-c",
                script("gate.sh"),
                "leasectl-gate",
                directory.resolve("gate").toString()));
    gated.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(gated).inheritIO();
    builder.environment().putAll(environment);
    GuardedCommand started =
        new GuardedCommand(hold, ttl, clocks, guard, builder.start(), succeeds("[ -t 0 ]"));
    started.tell(Long.toString(started.command.pid()));
    started.renew();
    return started;
  }

  private static String script(String name) throws IOException {
    try (InputStream in = GuardedCommand.class.getResourceAsStream("/io/leasehold/cli/" + name)) {
      if (in == null) {
        throw new IOException("no resource " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  private static boolean succeeds(String script) throws IOException, InterruptedException {
    return new ProcessBuilder(SHELL, "-c", script).inheritIO().start().waitFor() == 0;
  }

  private synchronized void tell(String line) {
    try {
      toGuard.write(line);
      toGuard.write('\n');
      toGuard.flush();
    } catch (IOException e) {
      // Without its guard the command must not go on.
      command.destroyForcibly();
    }
  }

  /** Tells the guard how long the command may run yet. */
  private void renew() {
    long begunNanos;
    do {
      begunNanos = clocks.nanoTime();
      Duration remaining = hold.remaining();
      Duration untilTerm = rule.untilTerm(remaining);
      termNanos = begunNanos + untilTerm.toNanos();
      tell(seconds(untilTerm) + " " + seconds(rule.fromTermToKill(remaining)));
      // Who was stopped in between has said what was true before.
    } while (clocks.nanoTime() - begunNanos > STALE.toNanos());
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%d.%03d", duration.toSeconds(), duration.toMillisPart());
  }

  /**
   * Waits until the command has ended, and keeps the guard up to date meanwhile. Once the command
   * was asked to end it is not reprieved, whatever is renewed then.
   */
  public Ending await() throws InterruptedException {
    boolean wasEnded = false;
    while (!command.waitFor(checkEvery.toMillis(), TimeUnit.MILLISECONDS)) {
      long now = clocks.nanoTime();
      Duration remaining = hold.remaining();
      wasEnded |= now - termNanos >= 0;
      if (wasEnded) {
        if (remaining.isZero()) {
          tell("0 0");
        }
        continue;
      }
      long laterNanos = now + rule.untilTerm(remaining).toNanos() - termNanos;
      if (laterNanos > 0 && laterNanos >= checkEvery.toNanos()) {
        renew();
      } else if (laterNanos < -checkEvery.toNanos()) {
        // It is lost before its time.
        wasEnded = true;
        renew();
      }
    }
    wasEnded |= clocks.nanoTime() - termNanos >= 0;
    if (wasEnded) {
      // The command itself has ended; what it started has not, maybe.
      send("KILL", true);
    }
    tell("done");
    int unused = guard.waitFor();
    return new Ending(command.exitValue(), wasEnded);
  }

  /** Passes a signal on to the command, unless its terminal has done so. */
  public void pass(Signal signal) {
    if (!(isOnTerminal && signal == Signal.INT)) {
      send(signal.name(), false);
    }
  }

  private void send(String signal, boolean isForGroupAlone) {
    String toGroup = "kill -s " + signal + " -- -" + command.pid() + " 2>/dev/null";
    String toCommand = isForGroupAlone ? "" : " || kill -s " + signal + " " + command.pid();
    try {
      boolean unused = succeeds(toGroup + toCommand);
    } catch (IOException e) {
      command.destroy();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
