package io.leasehold.server.grpc;

import static io.leasehold.server.grpc.LeaseServiceTest.grant;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.server.fake.Await;
import io.leasehold.server.fake.KeepAliveClient;
import io.leasehold.server.fake.RawCall;
import io.leasehold.server.fake.TestCluster;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams of renewals as their frames come: well and badly cut, and with what nobody sends. */
@Timeout(60)
final class KeepAliveFramesTest {
  private static final String PATH = "/etcdserverpb.Lease/LeaseKeepAlive";

  private TestCluster cluster;

  @BeforeEach
  void start() throws Exception {
    cluster = TestCluster.start("n1", "n2");
    grant(cluster.leases("n1"), 1, 30);
    grant(cluster.leases("n1"), Long.MAX_VALUE, 40);
    grant(cluster.leases("n1"), -1, 50);
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  private RawCall open(String member, String... headers) throws Exception {
    return RawCall.open(cluster.server(member).clientPort(), PATH, headers);
  }

  private static byte[] request(long leaseId) {
    return RawCall.message(LeaseKeepAliveRequest.newBuilder().setID(leaseId).build().toByteArray());
  }

  private static void assertAnswer(RawCall call, long leaseId, long ttl) throws Exception {
    LeaseKeepAliveResponse answer = LeaseKeepAliveResponse.parseFrom(call.nextMessage());
    assertThat(answer.getID()).isEqualTo(leaseId);
    assertThat(answer.getTTL()).isEqualTo(ttl);
    assertThat(answer.getHeader().getRaftTerm()).isPositive();
  }

  private static void assertEnd(RawCall call, String status, String text) throws Exception {
    Map<String, String> end = call.end();
    assertThat(end)
        .containsEntry(":status", "200")
        .containsEntry("content-type", "application/grpc")
        .containsEntry("grpc-status", status);
    assertThat(end.getOrDefault("grpc-message", "")).contains(text);
  }

  @Test
  void requestsMayBeCutAnywhere() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (long leaseId : new long[] {1, Long.MAX_VALUE, -1, 404, 1}) {
      all.write(request(leaseId));
    }
    byte[] bytes = all.toByteArray();
    for (int size = 1; size <= bytes.length; size++) {
      try (RawCall call = open("n1")) {
        for (int at = 0; at < bytes.length; at += size) {
          call.data(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size)));
        }
        call.halfClose();
        Map<Long, Long> ttls = new HashMap<>();
        for (int i = 0; i < 5; i++) {
          LeaseKeepAliveResponse answer = LeaseKeepAliveResponse.parseFrom(call.nextMessage());
          ttls.put(answer.getID(), answer.getTTL());
        }
        assertThat(ttls).isEqualTo(Map.of(1L, 30L, Long.MAX_VALUE, 40L, -1L, 50L, 404L, 0L));
        assertEnd(call, "0", "");
      }
    }
  }

  @Test
  void requestWithoutAnIdAndOneWithFieldsOfTheFutureAreUnderstood() throws Exception {
    byte[] future =
        LeaseKeepAliveRequest.newBuilder()
            .setID(1)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(7, UnknownFieldSet.Field.newBuilder().addFixed64(5).build())
                    .build())
            .build()
            .toByteArray();
    try (RawCall call = open("n1")) {
      call.data(RawCall.message(new byte[0]));
      assertAnswer(call, 0, 0);
      call.data(RawCall.message(future));
      assertAnswer(call, 1, 30);
      // The last of a field's values counts.
      call.data(RawCall.message(new byte[] {8, 5, 8, 1}));
      assertAnswer(call, 1, 30);
      // A number may be written longer than it need be.
      call.data(RawCall.message(new byte[] {8, (byte) 0x81, (byte) 0x80, 0}));
      assertAnswer(call, 1, 30);
    }
  }

  @Test
  void whatIsNoRequestEndsTheStreamAfterThoseBefore() throws Exception {
    for (byte[] garbage : List.of(new byte[] {8}, new byte[] {8, -1}, new byte[] {-1, -1, -1})) {
      try (RawCall call = open("n1")) {
        call.data(request(1));
        call.data(RawCall.message(garbage));
        assertAnswer(call, 1, 30);
        assertEnd(call, "13", "unmarshalling");
      }
    }
  }

  @Test
  void compressedMessageIsRefusedWhereNoCompressionWasAgreedOn() throws Exception {
    byte[] message = request(1);
    message[0] = 1;
    try (RawCall call = open("n1")) {
      call.data(message);
      assertEnd(call, "13", "compress");
    }
  }

  @Test
  void messageThatIsTooLargeIsRefusedBeforeItComes() throws Exception {
    try (RawCall call = open("n1")) {
      call.data(new byte[] {0, 0x7f, 0, 0, 0});
      assertEnd(call, "8", "gRPC message exceeds maximum size");
    }
  }

  @Test
  void streamThatEndsWithinAMessageIsRefused() throws Exception {
    try (RawCall call = open("n1")) {
      call.data(Arrays.copyOf(request(1), 4));
      call.halfClose();
      assertEnd(call, "13", "within a message");
    }
  }

  @Test
  void largeMessageIsReadWholeThoughTheWindowIsSmaller() throws Exception {
    byte[] padding = new byte[1_500_000];
    byte[] large =
        LeaseKeepAliveRequest.newBuilder()
            .setID(1)
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        7,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFrom(padding))
                            .build())
                    .build())
            .build()
            .toByteArray();
    byte[] bytes = RawCall.message(large);
    try (RawCall call = open("n1")) {
      for (int at = 0; at < bytes.length; at += 16_384) {
        call.data(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 16_384)));
      }
      assertAnswer(call, 1, 30);
    }
  }

  @Test
  void takenBackStreamIsForgotten() throws Exception {
    cluster.replica("n1").certain(false);
    cluster.replica("n1").barriersPass(false);
    try (RawCall call = open("n1")) {
      call.data(request(1));
      call.reset();
      call.awaitRead();
      cluster.replica("n1").certain(true);
      cluster.replica("n1").barriersPass(true);
      KeepAliveClient other = KeepAliveClient.open(LeaseGrpc.newStub(cluster.channel("n1")));
      other.send(1);
      assertThat(other.next().getTTL()).isEqualTo(30);
      assertThat(call.receivedBytes()).isZero();
    }
  }

  @Test
  void whatIsOutOfTheOrdinaryIsLeftToGrpc() throws Exception {
    try (RawCall call = open("n1", "grpc-timeout", "1H")) {
      call.data(request(1));
      assertAnswer(call, 1, 30);
      call.halfClose();
      assertThat(call.end()).containsKey("grpc-accept-encoding");
    }
    try (RawCall call = open("n1", "grpc-encoding", "gzip")) {
      call.data(request(1));
      assertAnswer(call, 1, 30);
      call.halfClose();
      assertThat(call.end()).containsKey("grpc-accept-encoding");
    }
    try (RawCall call = open("n1", "content-type", "text/plain")) {
      call.data(request(1));
      assertThat(call.end()).containsEntry(":status", "415");
    }
  }

  @Test
  void manyRequestsAtOnceGetOneAnswerEach() throws Exception {
    int count = 5_000;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      all.write(request(1));
    }
    try (RawCall call = open("n1")) {
      // More answers than the windows hold at first.
      call.openWindows(10_000_000);
      byte[] bytes = all.toByteArray();
      for (int at = 0; at < bytes.length; at += 16_384) {
        call.data(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 16_384)));
      }
      for (int i = 0; i < count; i++) {
        assertAnswer(call, 1, 30);
      }
    }
  }

  private static byte[] requests(int count) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < count; i++) {
      all.writeBytes(request(1));
    }
    return all.toByteArray();
  }

  private static void sendPacked(RawCall call, byte[] bytes) throws Exception {
    for (int at = 0; at < bytes.length; at += 16_384) {
      call.data(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 16_384)));
    }
  }

  @Test
  void requestsThatMustWaitAreTakenUpToTheWindowAndTheRestLater() throws Exception {
    cluster.elect(null);
    int count = 3 * KeepAliveStream.WINDOW;
    try (RawCall call = open("n2")) {
      call.openWindows(10_000_000);
      sendPacked(call, requests(count));
      call.halfClose();
      call.awaitRead();
      assertThat(cluster.metric("n2", "leasehold_requests_waiting"))
          .isEqualTo(KeepAliveStream.WINDOW);
      cluster.elect("n1");
      for (int i = 0; i < count; i++) {
        assertAnswer(call, 1, 30);
      }
      assertEnd(call, "0", "");
    }
  }

  @Test
  void clientThatDoesNotReadIsNotServedBeyondTheWindow() throws Exception {
    int count = 20_000;
    try (RawCall call = open("n1")) {
      call.data(request(1));
      int answersRead = RawCall.FIRST_WINDOW / RawCall.message(call.nextMessage()).length;
      sendPacked(call, requests(count));
      call.awaitRead();
      String renewals = "leasehold_renewals_total{path=\"memory\",result=\"renewed\"}";
      Await.until(() -> cluster.metric("n1", renewals) > answersRead - KeepAliveStream.WINDOW);
      assertThat(cluster.metric("n1", renewals))
          .isLessThanOrEqualTo(answersRead + KeepAliveStream.WINDOW);
      call.openWindows(10_000_000);
      for (int i = 0; i < count; i++) {
        assertAnswer(call, 1, 30);
      }
    }
  }

  @Test
  void garbageBehindRequestsThatWaitForRoomEndsTheStreamAfterThem() throws Exception {
    int count = 2 * KeepAliveStream.WINDOW;
    try (RawCall call = open("n1")) {
      call.openWindows(10_000_000);
      sendPacked(call, requests(count));
      call.data(RawCall.message(new byte[] {8}));
      for (int i = 0; i < count; i++) {
        assertAnswer(call, 1, 30);
      }
      assertEnd(call, "13", "unmarshalling");
    }
  }

  @Test
  void headersEndTheClientsSideAsDataDo() throws Exception {
    try (RawCall call = open("n1")) {
      call.data(request(1));
      assertAnswer(call, 1, 30);
      call.halfCloseByTrailers("checksum", "1");
      assertEnd(call, "0", "");
    }
    try (RawCall call = open("n1")) {
      call.halfCloseByTrailers("checksum", "1");
      assertEnd(call, "0", "");
      call.awaitRead();
      assertThat(call.resets() + call.goAways()).isZero();
    }
  }

  @Test
  void whatIsOnItsWayToAStreamThatEndedDoesTheConnectionNoHarm() throws Exception {
    byte[] request = Arrays.copyOf(request(1), 1_000);
    try (RawCall call = open("n1")) {
      call.data(RawCall.message(new byte[] {8}));
      assertEnd(call, "13", "unmarshalling");
      // More than the windows hold, and more frames than resets are put up with.
      for (int i = 0; i < 2_000; i++) {
        call.dataRegardless(request);
      }
      call.reset();
      call.awaitRead();
      assertThat(call.resets() + call.goAways()).isZero();
    }
  }

  @Test
  void paddingIsGivenBack() throws Exception {
    try (RawCall call = open("n1")) {
      call.openWindows(10_000_000);
      // More than the windows hold.
      for (int i = 0; i < 10_000; i++) {
        call.padded(request(1), 255);
        assertAnswer(call, 1, 30);
      }
    }
  }
}
