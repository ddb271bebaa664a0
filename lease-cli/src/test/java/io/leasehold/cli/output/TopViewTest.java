package io.leasehold.cli.output;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.cli.output.TopView.Frame;
import io.leasehold.cli.output.TopView.LeaseLine;
import io.leasehold.cli.output.TopView.MemberLine;
import io.leasehold.cli.output.TopView.Rates;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class TopViewTest {
  @Test
  void aFrameShowsMembersAndTheLeasesThatEndSoonest() {
    Rates rates =
        new Rates(
            OptionalDouble.of(120.25),
            OptionalDouble.of(0),
            OptionalDouble.empty(),
            OptionalDouble.of(3));
    Frame frame =
        new Frame(
            1_700_000_000_123L,
            List.of(
                new MemberLine("127.0.0.1:2379", "leader", 3, 152, 0, 37_000, rates, ""),
                new MemberLine("127.0.0.1:22379", "down", 0, 0, 0, 0, Rates.unknown(), "refused")),
            2000,
            1000,
            List.of(new LeaseLine(0x1234, Duration.ofSeconds(3), Duration.ofSeconds(10), 2)));
    assertThat(TopView.text(frame))
        .isEqualTo(
            """
            2023-11-14T22:13:20Z  1 of 2 members answer, leader 127.0.0.1:2379

            MEMBER           ROLE    TERM  INDEX  LAG  DB SIZE  RENEW/S  GRANT/S  END/S  KEYS/S  PROBLEM
            127.0.0.1:2379   leader     3    152    0    37 kB    120.3      0.0      -     3.0
            127.0.0.1:22379  down       -      -    -        -        -        -      -       -  refused

            2000 leases, of which 1000 were asked; these end soonest

            LEASE             LEFT  TTL  KEYS
            0000000000001234    3s  10s     2
            """);
  }
}
