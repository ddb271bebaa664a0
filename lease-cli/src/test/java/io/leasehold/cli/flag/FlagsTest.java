package io.leasehold.cli.flag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class FlagsTest {
  private static final List<Flag> KNOWN =
      List.of(
          Flag.text("write-out", "simple", "format").letter('w'),
          Flag.toggle("prefix", "prefix"),
          Flag.number("limit", "0", "limit"),
          Flag.duration("timeout", "5s", "timeout"),
          Flag.seconds("ttl", "10", "ttl"));

  private static Flags parse(String... words) {
    return Flags.parse(KNOWN, Map.of("limit", "7"), List.of(words));
  }

  @Test
  void flagsStandAmongArgumentsInEveryFormThatEtcdctlTakes() {
    Flags flags = parse("a", "-w", "json", "--prefix", "b", "--timeout=1m30s", "--ttl", "3");
    assertThat(flags.arguments()).containsExactly("a", "b");
    assertThat(flags.text("write-out")).isEqualTo("json");
    assertThat(flags.isSet("prefix")).isTrue();
    assertThat(flags.duration("timeout")).isEqualTo(Duration.ofSeconds(90));
    assertThat(flags.duration("ttl")).isEqualTo(Duration.ofSeconds(3));
    assertThat(parse("-wjson").text("write-out")).isEqualTo("json");
    assertThat(parse("-w=json").text("write-out")).isEqualTo("json");
    assertThat(parse("--prefix=false").isSet("prefix")).isFalse();
    assertThat(parse("--ttl=1500ms").duration("ttl")).isEqualTo(Duration.ofMillis(1500));
  }

  @Test
  void afterTwoDashesEverythingIsAnArgument() {
    Flags flags = parse("name", "--", "sh", "-c", "x", "--", "y");
    assertThat(flags.argumentsBeforeDashes()).containsExactly("name");
    assertThat(flags.argumentsAfterDashes()).containsExactly("sh", "-c", "x", "--", "y");
    assertThat(flags.arguments()).containsExactly("name", "sh", "-c", "x", "--", "y");
    assertThat(flags.hasDashes()).isTrue();
    assertThat(parse("-").arguments()).containsExactly("-");
  }

  @Test
  void theCommandLineWinsOverTheEnvironmentAndThatOverTheStandard() {
    assertThat(parse().number("limit")).isEqualTo(7);
    assertThat(parse("--limit=2").number("limit")).isEqualTo(2);
    assertThat(parse().text("write-out")).isEqualTo("simple");
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> parse("--nosuch=1")).hasMessage("unknown flag: --nosuch");
    assertThatThrownBy(() -> parse("-x")).hasMessage("unknown shorthand flag: 'x' in -x");
    assertThatThrownBy(() -> parse("--limit")).hasMessage("flag needs an argument: --limit");
    for (String wrong : List.of("--limit=x", "--timeout=5", "--ttl=x", "--prefix=maybe")) {
      assertThatThrownBy(() -> parse(wrong))
          .isInstanceOf(FlagException.class)
          .hasMessageStartingWith("invalid argument \"");
    }
  }

  @Test
  void durationsReadAndLookLikeThoseOfGo() {
    Map<String, Duration> texts =
        Map.of(
            "0s", Duration.ZERO,
            "5s", Duration.ofSeconds(5),
            "1.793454ms", Duration.ofNanos(1_793_454),
            "1h0m5s", Duration.ofSeconds(3605),
            "1m30.5s", Duration.ofMillis(90_500),
            "250µs", Duration.ofNanos(250_000));
    texts.forEach(
        (text, duration) -> {
          assertThat(Durations.text(duration)).isEqualTo(text);
          assertThat(Durations.parse(text)).isEqualTo(duration);
        });
    for (String wrong : List.of("", "5", "s", "-1s", "5s x", "1e9s", "99999999999h")) {
      assertThatThrownBy(() -> Durations.parse(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
