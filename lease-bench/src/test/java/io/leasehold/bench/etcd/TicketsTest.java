package io.leasehold.bench.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TicketsTest {
  @Test
  void eachNumberIsGivenOnceUpToTheLimit() {
    Tickets tickets = Tickets.between(3, 5);
    assertThat(tickets.given()).isZero();
    assertThat(tickets.next()).isEqualTo(3);
    assertThat(tickets.next()).isEqualTo(4);
    assertThat(tickets.next()).isEqualTo(-1);
    assertThat(tickets.next()).isEqualTo(-1);
    assertThat(tickets.given()).isEqualTo(2);
  }
}
