package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.internal.EventQueue;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
final class LeaseClientTest {
  @ParameterizedTest
  @ValueSource(strings = {"", "host", "host:", "host:port", "http://host", "http://host:1/path"})
  void anEndpointThatIsNoneIsNamed(String endpoint) {
    assertThatThrownBy(() -> LeaseClient.builder(endpoint))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(": " + endpoint);
  }

  @Test
  void aRequestThatNobodyCanHaveIsUnavailableAndNotUnknown() {
    // Nobody listens on port 1.
    try (LeaseClient client =
        LeaseClient.builder("127.0.0.1:1,http://127.0.0.1:1/")
            .requestTimeout(Duration.ofMillis(300))
            .build()) {
      assertThatThrownBy(() -> client.leases().grant(Duration.ofSeconds(5)))
          .isInstanceOf(UnavailableException.class);
      assertThatThrownBy(() -> client.keys().put(Bytes.of("k"), Bytes.of("v")))
          .isInstanceOf(UnavailableException.class);
    }
  }

  @Test
  void nonsenseIsRefusedWithoutAsking() {
    assertThatThrownBy(() -> LeaseClient.builder().build())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> LeaseClient.builder("a:1").clockDrift(0.5).build())
        .isInstanceOf(IllegalArgumentException.class);
    try (LeaseClient client = LeaseClient.connect("127.0.0.1:1")) {
      assertThatThrownBy(() -> client.leases().grant(Duration.ZERO))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> client.leases().keepAlive(0, event -> {}))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aClosedClientSaysSo() {
    LeaseClient client = LeaseClient.connect("127.0.0.1:1");
    client.close();
    client.close();
    assertThatThrownBy(() -> client.leases().list()).hasMessage("the client is closed");
  }

  @Test
  void whatAGivenExecutorRefusesIsHeardAllTheSame() throws Exception {
    CompletableFuture<LeaseEvent> heard = new CompletableFuture<>();
    try (LeaseClient client =
        LeaseClient.builder("127.0.0.1:1")
            .requestTimeout(Duration.ofMillis(300))
            .callbackExecutor(
                task -> {
                  throw new RejectedExecutionException("full");
                })
            .build()) {
      KeptLease unused = client.leases().keepAlive(7, heard::complete);
      assertThat(client.leases().grantAsync(Duration.ofSeconds(5)))
          .failsWithin(Duration.ofSeconds(20))
          .withThrowableOfType(ExecutionException.class)
          .withCauseInstanceOf(UnavailableException.class);
    }
    assertThat(heard)
        .succeedsWithin(Duration.ofSeconds(20))
        .isEqualTo(new LeaseEvent.Lost(7, LossReason.CLOSED));
  }

  @Test
  void aListenerThatFailsBadlyHearsOfWhatComesNext() {
    CompletableFuture<LeaseEvent> heard = new CompletableFuture<>();
    EventQueue<LeaseEvent> events =
        new EventQueue<>(
            Runnable::run,
            event -> {
              if (event instanceof LeaseEvent.Lost) {
                boolean unused = heard.complete(event);
              }
              throw new AssertionError("on purpose");
            });
    events.tell(new LeaseEvent.Recovered(7));
    events.tell(new LeaseEvent.Lost(7, LossReason.REVOKED));
    assertThat(heard).isCompleted();
  }

  @Test
  void aPrefixEndsWhereTheNextOneBegins() {
    assertThat(Bytes.of("a/").prefixEnd()).isEqualTo(Bytes.of("a0"));
    byte[] high = {1, (byte) 0xff};
    assertThat(Bytes.copyOf(high).prefixEnd()).isEqualTo(Bytes.copyOf(new byte[] {2}));
    assertThat(Bytes.copyOf(new byte[] {(byte) 0xff}).prefixEnd())
        .isEqualTo(Bytes.copyOf(new byte[1]));
    assertThat(Bytes.copyOf(high)).isGreaterThan(Bytes.of("zzz").plus(Bytes.empty()).from(3));
  }
}
