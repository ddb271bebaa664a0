package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.leasehold.server.fake.TestCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

/** What is not gRPC on the client port is cut off and hurts nobody. */
@Timeout(60)
final class PortAbuseTest {
  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  @Test
  void garbageOnTheClientPortIsCutOffWithoutAStackTrace() throws Exception {
    ListAppender<ILoggingEvent> events = new ListAppender<>();
    events.start();
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(events);
    List<LogRecord> records = new ArrayList<>();
    Handler handler = recorder(records);
    java.util.logging.Logger.getLogger("").addHandler(handler);
    try (TestCluster cluster = TestCluster.start("n1")) {
      int port = cluster.server("n1").clientPort();
      LeaseServiceTest.grant(cluster.leases("n1"), 1, 60);
      for (byte[] bytes : attacks()) {
        send(port, bytes);
        assertThat(LeaseServiceTest.timeToLive(cluster.leases("n1"), 1).getGrantedTTL())
            .isEqualTo(60);
      }
      assertThat(events.list).isEmpty();
      assertThat(records).extracting(LogRecord::getMessage).isEmpty();
    } finally {
      java.util.logging.Logger.getLogger("").removeHandler(handler);
      root.detachAppender(events);
    }
  }

  private static List<byte[]> attacks() {
    byte[] random = new byte[64 * 1024];
    new Random(1).nextBytes(random);
    return List.of(
        random,
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
        // The beginning of a TLS handshake.
        new byte[] {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, (byte) 0xfc, 0x03, 0x03},
        PREFACE.getBytes(StandardCharsets.US_ASCII),
        withPreface(random),
        // A frame of the largest length there is.
        withPreface(new byte[] {(byte) 0xff, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0, 0, 1}),
        // Headers that never end.
        withPreface(continuations()),
        new byte[] {0});
  }

  private static byte[] withPreface(byte[] rest) {
    byte[] preface = PREFACE.getBytes(StandardCharsets.US_ASCII);
    byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
    byte[] all = new byte[preface.length + settings.length + rest.length];
    System.arraycopy(preface, 0, all, 0, preface.length);
    System.arraycopy(settings, 0, all, preface.length, settings.length);
    System.arraycopy(rest, 0, all, preface.length + settings.length, rest.length);
    return all;
  }

  private static byte[] continuations() {
    byte[] frames = new byte[9 * 2000];
    for (int i = 0; i < 2000; i++) {
      frames[i * 9 + 3] = (byte) (i == 0 ? 1 : 9);
      frames[i * 9 + 8] = 1;
    }
    return frames;
  }

  private static void send(int port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(500);
      OutputStream out = socket.getOutputStream();
      try {
        out.write(bytes);
        out.flush();
        // Until the server ends it, or has nothing more to say.
        assertThat(socket.getInputStream().readAllBytes()).isNotNull();
      } catch (IOException cutOff) {
        assertThat(cutOff).isNotNull();
      }
    }
  }

  private static Handler recorder(List<LogRecord> records) {
    return new Handler() {
      @Override
      public synchronized void publish(LogRecord record) {
        records.add(record);
      }

      @Override
      public void flush() {}

      @Override
      public void close() {}
    };
  }
}
