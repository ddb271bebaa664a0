package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a cluster answers to requests it must refuse, and that it loses nothing over them. */
@Timeout(120)
final class BadInputIT {
  @TempDir static Path home;
  private static Cluster cluster;

  @BeforeAll
  static void startCluster() {
    cluster = Cluster.start(home);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Test
  void tooShortTimesToLiveAreRaisedToTheMinimum() {
    for (MemberProcess member : cluster.members()) {
      assertThat(grant(member, 0, 0).getTTL()).isEqualTo(2);
      assertThat(grant(member, 0, -5).getTTL()).isEqualTo(2);
      assertThat(grant(member, 0, Long.MIN_VALUE).getTTL()).isEqualTo(2);
      assertThat(grant(member, 0, 1).getTTL()).isEqualTo(2);
    }
  }

  @Test
  void tooLongTimeToLiveIsOutOfRange() {
    for (MemberProcess member : cluster.members()) {
      LeaseGrantResponse longest = grant(member, 0, 9_000_000_000L);
      assertThat(longest.getTTL()).isEqualTo(9_000_000_000L);
      revoke(member, longest.getID());
      assertRefused(
          () -> grant(member, 0, 9_000_000_001L),
          Status.Code.OUT_OF_RANGE,
          "etcdserver: too large lease TTL");
      assertRefused(
          () -> grant(member, 0, Long.MAX_VALUE),
          Status.Code.OUT_OF_RANGE,
          "etcdserver: too large lease TTL");
    }
  }

  @Test
  void duplicateIdIsRefusedAndLeavesTheFirstLeaseAlone() {
    for (MemberProcess member : cluster.members()) {
      grant(member, 7001, 600);
      assertRefused(
          () -> grant(member, 7001, 60),
          Status.Code.FAILED_PRECONDITION,
          "etcdserver: lease already exists");
      assertThat(timeToLive(member, 7001).getGrantedTTL()).isEqualTo(600);
      revoke(member, 7001);
    }
  }

  @Test
  void negativeAndExtremeIdsAreLeasesLikeAnyOther() throws Exception {
    for (long id : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      for (MemberProcess member : cluster.members()) {
        assertThat(grant(member, id, 60).getID()).isEqualTo(id);
        assertThat(keepAlive(member, id).get(0).getTTL()).isEqualTo(60);
        assertThat(timeToLive(member, id).getGrantedTTL()).isEqualTo(60);
        revoke(member, id);
      }
    }
  }

  @Test
  void unknownIdIsAnsweredByEachCallInItsOwnWay() throws Exception {
    for (MemberProcess member : cluster.members()) {
      for (long id : new long[] {0, 4711, -4711}) {
        assertRefused(
            () -> revoke(member, id),
            Status.Code.NOT_FOUND,
            "etcdserver: requested lease not found");
        LeaseTimeToLiveResponse remaining = timeToLive(member, id);
        assertThat(remaining.getID()).isEqualTo(id);
        assertThat(remaining.getTTL()).isEqualTo(-1);
        assertThat(remaining.getGrantedTTL()).isZero();
      }
      long known = grant(member, 0, 60).getID();
      List<LeaseKeepAliveResponse> answers = keepAlive(member, 4711, known);
      assertThat(answers).extracting(LeaseKeepAliveResponse::getTTL).containsExactly(0L, 60L);
      revoke(member, known);
    }
  }

  @Test
  void garbageOnTheClientPortEndsThatConnectionAndNothingElse() throws Exception {
    MemberProcess member = cluster.leader();
    long lease = grant(member, 0, 600).getID();
    Random random = new Random(1);
    byte[] noise = new byte[64 * 1024];
    random.nextBytes(noise);
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] http1 = "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] tls = {22, 3, 1, 2, 0, 1, 0, 1, (byte) 252, 3, 3};
    byte[] hugeFrame = {(byte) 255, (byte) 255, (byte) 255, 0, 0, 0, 0, 0, 1};
    for (byte[] bytes :
        List.of(noise, http1, tls, join(preface, noise), join(preface, hugeFrame))) {
      sendRaw(member, bytes);
    }
    assertRefused(() -> sendAsMessage(member, noise), Status.Code.UNKNOWN, Status.Code.INTERNAL);
    assertUnharmed(member, lease);
  }

  @Test
  void oversizedMessageIsRefusedAndNothingElseHappens() {
    MemberProcess member = cluster.leader();
    long lease = grant(member, 0, 600).getID();
    byte[] eightMegabytes = new byte[8 << 20];
    assertRefused(
        () -> sendAsMessage(member, eightMegabytes),
        Status.Code.RESOURCE_EXHAUSTED,
        Status.Code.INVALID_ARGUMENT,
        Status.Code.CANCELLED,
        Status.Code.INTERNAL);
    assertUnharmed(member, lease);
  }

  @Test
  void wrongSettingsEndAMemberWithOneLineThatNamesThem() throws Exception {
    assertStartRefused("unknown option", "--electon-timeout", "1000");
    assertStartRefused("127.0.0.1:x", "--listen-client-urls", "http://127.0.0.1:x");
    assertStartRefused("ftp://127.0.0.1:1", "--listen-peer-urls", "ftp://127.0.0.1:1");
    assertStartRefused(
        "two members are named n1",
        "--name",
        "n1",
        "--initial-cluster",
        "n1=http://127.0.0.1:2380,n1=http://127.0.0.1:2382");
    Path yaml = home.resolve("wrong.yaml");
    Files.writeString(yaml, "name: n1\nheartbeat-intervall: 100\n");
    assertStartRefused("heartbeat-intervall", "--config-file", yaml.toString());
    Files.writeString(yaml, "name: [n1\n");
    assertStartRefused("not YAML", "--config-file", yaml.toString());
    assertStartRefused("no such file", "--config-file", home.resolve("none.yaml").toString());
  }

  private static void assertStartRefused(String named, String... arguments) throws Exception {
    Process process =
        new ProcessBuilder(Distribution.command("64m", List.of(arguments)))
            .directory(home.toFile())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).as("ends").isTrue();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.exitValue()).as(output).isNotZero();
    assertThat(output).contains(named).doesNotContain("\n");
    System.out.println("Refused: " + output);
  }

  private static void assertUnharmed(MemberProcess member, long lease) {
    for (MemberProcess any : cluster.members()) {
      assertThat(any.isRunning()).isTrue();
      assertThat(timeToLive(any, lease).getGrantedTTL()).isEqualTo(600);
    }
    revoke(member, lease);
  }

  private static void sendRaw(MemberProcess member, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), member.clientPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
      // The member closes; what it says before is its own affair.
      socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (SocketException e) {
      // A reset is an answer too.
      assertThat(e).hasMessageMatching("(?i).*(reset|broken pipe|abort).*");
    }
  }

  /** Sends bytes where a grant request belongs. */
  private static void sendAsMessage(MemberProcess member, byte[] bytes) {
    io.grpc.MethodDescriptor<byte[], byte[]> method =
        LeaseGrpc.getLeaseGrantMethod().toBuilder(new Bytes(), new Bytes()).build();
    var unused =
        ClientCalls.blockingUnaryCall(
            member.channel(),
            method,
            io.grpc.CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS),
            bytes);
  }

  private static final class Bytes implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] value) {
      return new ByteArrayInputStream(value);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static void assertRefused(ThrowingCallable call, Status.Code code, String text) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isEqualTo(code);
              assertThat(refusal.getStatus().getDescription()).isEqualTo(text);
            });
  }

  private static void assertRefused(ThrowingCallable call, Status.Code... codes) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isIn((Object[]) codes);
              assertThat(String.valueOf(refusal.getStatus().getDescription()))
                  .doesNotContain("\tat ");
            });
  }

  private static LeaseGrantResponse grant(MemberProcess member, long id, long ttlSeconds) {
    return member
        .leases()
        .leaseGrant(LeaseGrantRequest.newBuilder().setID(id).setTTL(ttlSeconds).build());
  }

  private static void revoke(MemberProcess member, long id) {
    var unused = member.leases().leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
  }

  private static LeaseTimeToLiveResponse timeToLive(MemberProcess member, long id) {
    return member
        .leases()
        .leaseTimeToLive(LeaseTimeToLiveRequest.newBuilder().setID(id).setKeys(true).build());
  }

  /** Renews the leases one after the other over one stream and returns the answers. */
  private static List<LeaseKeepAliveResponse> keepAlive(MemberProcess member, long... ids)
      throws InterruptedException {
    BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    StreamObserver<LeaseKeepAliveRequest> requests =
        LeaseGrpc.newStub(member.channel())
            .withDeadlineAfter(10, TimeUnit.SECONDS)
            .leaseKeepAlive(
                new StreamObserver<>() {
                  @Override
                  public void onNext(LeaseKeepAliveResponse response) {
                    events.add(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    events.add(failure);
                  }

                  @Override
                  public void onCompleted() {
                    events.add("completed");
                  }
                });
    List<LeaseKeepAliveResponse> answers = new ArrayList<>();
    for (long id : ids) {
      requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
      Object event = events.poll(11, TimeUnit.SECONDS);
      assertThat(event).isInstanceOf(LeaseKeepAliveResponse.class);
      LeaseKeepAliveResponse answer = (LeaseKeepAliveResponse) event;
      assertThat(answer.getID()).isEqualTo(id);
      answers.add(answer);
    }
    requests.onCompleted();
    assertThat(events.poll(11, TimeUnit.SECONDS)).isEqualTo("completed");
    return answers;
  }
}
