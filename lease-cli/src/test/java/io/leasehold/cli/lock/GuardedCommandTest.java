package io.leasehold.cli.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.cli.lock.GuardedCommand.Ending;
import io.leasehold.cli.time.Clocks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes under a hold whose end the test decides. */
@Timeout(60)
final class GuardedCommandTest {
  private static final Duration TTL = Duration.ofSeconds(3);

  @TempDir Path home;
  private final Clocks clocks = Clocks.system();

  /** Until when it is held, on the monotonic clock. */
  private final AtomicLong deadlineNanos = new AtomicLong(clocks.nanoTime() + TTL.toNanos());

  private Duration remaining() {
    long left = deadlineNanos.get() - clocks.nanoTime();
    return left > 0 ? Duration.ofNanos(left) : Duration.ZERO;
  }

  private GuardedCommand start(String script) throws Exception {
    return GuardedCommand.start(
        List.of("sh", "-c", script),
        Map.of("HOME_OF_TEST", home.toString()),
        this::remaining,
        TTL,
        clocks);
  }

  @Test
  void aCommandThatEndsByItselfEndsWithItsOwnCode() throws Exception {
    assertThat(start("exit 7").await()).isEqualTo(new Ending(7, false));
    assertThat(start("kill -9 $$").await()).isEqualTo(new Ending(137, false));
    assertThat(
            GuardedCommand.start(List.of("no such program"), Map.of(), this::remaining, TTL, clocks)
                .await())
        .isEqualTo(new Ending(127, false));
    assertThat(
            GuardedCommand.start(List.of("/etc/passwd"), Map.of(), this::remaining, TTL, clocks)
                .await())
        .isEqualTo(new Ending(126, false));
  }

  @Test
  void whatIsHeldLongerRunsLonger() throws Exception {
    GuardedCommand command = start("sleep 5; echo done >$HOME_OF_TEST/out");
    Thread renewals =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 8; i++) {
                  clocks.pause(Duration.ofMillis(700));
                  deadlineNanos.set(clocks.nanoTime() + TTL.toNanos());
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    renewals.start();
    assertThat(command.await()).isEqualTo(new Ending(0, false));
    renewals.interrupt();
    assertThat(home.resolve("out")).content().isEqualTo("done\n");
  }

  @Test
  void aCommandThatHearsTermMayCleanUpBeforeTheHoldIsOver() throws Exception {
    GuardedCommand command =
        start("trap 'echo cleaned >$HOME_OF_TEST/out; exit 0' TERM; sleep 30 & wait");
    Ending ending = command.await();
    assertThat(deadlineNanos.get() - clocks.nanoTime()).as("left of the hold").isPositive();
    assertThat(ending.wasEnded()).isTrue();
    assertThat(home.resolve("out")).content().isEqualTo("cleaned\n");
  }

  @Test
  void aCommandThatIsDeafToTermIsKilledBeforeTheHoldIsOverWithAllItStarted() throws Exception {
    String loop = "while :; do date +%s%N >>$HOME_OF_TEST/";
    GuardedCommand command =
        start(
            "trap '' TERM; ("
                + loop
                + "child; sleep 0.05; done) & "
                + loop
                + "own; sleep 0.05; done");
    long endMillis = clocks.wallMillis() + remaining().toMillis();
    Ending ending = command.await();
    assertThat(ending).isEqualTo(new Ending(137, true));
    clocks.pause(Duration.ofMillis(300));
    for (String file : List.of("own", "child")) {
      List<String> lines = Files.readAllLines(home.resolve(file));
      assertThat(lines).hasSizeGreaterThan(5);
      long lastNanos = Long.parseLong(lines.get(lines.size() - 1));
      assertThat(lastNanos / 1_000_000).as(file).isLessThan(endMillis);
    }
  }

  @Test
  void aHoldThatIsLostBeforeItsTimeEndsTheCommandAtOnce() throws Exception {
    GuardedCommand command = start("trap '' TERM; sleep 30");
    clocks.pause(Duration.ofMillis(300));
    long lostNanos = clocks.nanoTime();
    deadlineNanos.set(lostNanos);
    assertThat(command.await()).isEqualTo(new Ending(137, true));
    assertThat(Duration.ofNanos(clocks.nanoTime() - lostNanos)).isLessThan(Duration.ofMillis(1500));
  }

  @Test
  void signalsArePassedOn() throws Exception {
    GuardedCommand command =
        start("trap 'exit 3' TERM; echo ready >$HOME_OF_TEST/out; sleep 30 & wait");
    while (!Files.exists(home.resolve("out"))) {
      clocks.pause(Duration.ofMillis(20));
    }
    // TERM, since a shell cannot trap what was ignored when the tests were started, as under nohup.
    command.pass(Signals.Signal.TERM);
    assertThat(command.await()).isEqualTo(new Ending(3, false));
  }

  @Test
  void termComesWithAThirdLeftAndKillALittleBeforeTheEnd() {
    GraceRule rule = GraceRule.of(Duration.ofSeconds(9));
    assertThat(rule.untilTerm(Duration.ofSeconds(9))).isEqualTo(Duration.ofSeconds(6));
    assertThat(rule.fromTermToKill(Duration.ofSeconds(9))).isEqualTo(Duration.ofMillis(2550));
    assertThat(rule.untilTerm(Duration.ofSeconds(2))).isZero();
    assertThat(rule.fromTermToKill(Duration.ofSeconds(2))).isEqualTo(Duration.ofMillis(1550));
    assertThat(rule.fromTermToKill(Duration.ofMillis(100))).isZero();
  }
}
