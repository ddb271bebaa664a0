package io.leasehold.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.server.config.ServerConfig;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** What a member writes, and what it keeps to itself. */
@Timeout(60)
final class LoggingTest {
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final PrintStream before = System.err;

  @BeforeEach
  void configure() {
    System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    Logging.configure("info", ServerConfig.LogFormat.TEXT);
  }

  @AfterEach
  void restore() throws Exception {
    SLF4JBridgeHandler.uninstall();
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    new ContextInitializer(context).autoConfig();
    System.setErr(before);
  }

  /** Its container may be gone for long, and is asked for all the time. */
  @Test
  void memberWhoseNameIsUnknownIsNoStackTraceEachTimeItIsLookedFor() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("no-such-member.invalid", 2380).usePlaintext().build();
    try {
      awaitFailure(channel);
    } finally {
      channel.shutdownNow();
    }
    LoggerFactory.getLogger(LoggingTest.class).info("a line of our own");

    assertThat(written.toString(StandardCharsets.UTF_8))
        .contains("a line of our own")
        .doesNotContain("no-such-member", "\tat ");
  }

  private static void awaitFailure(ManagedChannel channel) throws InterruptedException {
    CountDownLatch failed = new CountDownLatch(1);
    listen(channel, failed);
    assertThat(failed.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static void listen(ManagedChannel channel, CountDownLatch failed) {
    ConnectivityState state = channel.getState(true);
    if (state == ConnectivityState.TRANSIENT_FAILURE) {
      failed.countDown();
    } else {
      channel.notifyWhenStateChanged(state, () -> listen(channel, failed));
    }
  }
}
