package io.leasehold.jepsen.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.client.Connections;
import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.Endpoint;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FencedWrite;
import io.leasehold.jepsen.history.Op;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class StageTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  private final Queue<Entry> entries = new ConcurrentLinkedQueue<>();

  /** Members that nobody reaches. */
  private static TestCluster nobody() {
    return (TestCluster)
        Proxy.newProxyInstance(
            StageTest.class.getClassLoader(),
            new Class<?>[] {TestCluster.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "members" -> List.of("n1", "n2", "n3");
                  case "clientEndpoint" -> new Endpoint("127.0.0.1", 1);
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  static List<String> workloads() {
    return Workloads.names();
  }

  @ParameterizedTest
  @MethodSource("workloads")
  void clientsThatReachNobodyRecordItAndEndWhenTheStageDoes(String name) {
    try (Connections connections = new Connections(nobody())) {
      Stage stage = new Stage(connections, new RunClock(), 1, true, entries::add);
      try (stage) {
        Workloads.of(name).begin(stage);
        LastingLeases.begin(stage);
        Waits.await("something is tried", SOON, () -> ops().findAny().isPresent());
      }
      long recorded = ops().count();
      Waits.pause(Duration.ofMillis(300));

      assertThat(ops()).hasSize((int) recorded).noneMatch(Op::mayHaveHappened);
      assertThat(stage.lasting()).isEmpty();
    }
  }

  private Stream<Op> ops() {
    return entries.stream().filter(Op.class::isInstance).map(Op.class::cast);
  }

  @Test
  void whatIsLeftToChanceDependsOnTheSeedAlone() {
    try (Connections connections = new Connections(nobody());
        Stage one = new Stage(connections, new RunClock(), 5, true, entries::add);
        Stage same = new Stage(connections, new RunClock(), 5, true, entries::add);
        Stage other = new Stage(connections, new RunClock(), 6, true, entries::add)) {
      long drawn = one.random("player").nextLong();
      assertThat(same.random("player").nextLong()).isEqualTo(drawn);
      assertThat(other.random("player").nextLong()).isNotEqualTo(drawn);
      assertThat(one.random("another").nextLong()).isNotEqualTo(drawn);
    }
  }

  @Test
  void aFencedStoreRefusesWhoComesWithAnOldToken() {
    FencedStore store = new FencedStore(() -> 7);

    assertThat(store.offer("a", 5)).isEqualTo(new FencedWrite("a", 1, 5, true, 7));
    assertThat(store.offer("a", 9).accepted()).isTrue();
    assertThat(store.offer("a", 9).accepted()).isTrue();
    assertThat(store.offer("a", 5)).isEqualTo(new FencedWrite("a", 4, 5, false, 7));
    assertThat(store.offer("b", 5).accepted()).isTrue();
  }
}
