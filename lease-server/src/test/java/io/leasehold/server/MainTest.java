package io.leasehold.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.server.fake.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a process of its own, on the real engine. */
@Timeout(90)
final class MainTest {
  @TempDir Path directory;

  private Process run(String... arguments) throws IOException {
    return run(List.of(), Main.class, arguments);
  }

  private Process run(List<String> options, Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Dcom.google.protobuf.use_unsafe_pre22_gencode=true");
    command.add("-Xmx256m");
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command)
        .redirectError(directory.resolve("err").toFile())
        .redirectOutput(directory.resolve("out").toFile())
        .start();
  }

  private String errors() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private String[] member(int clientPort, int peerPort) {
    return new String[] {
      "--name=solo",
      "--data-dir=" + directory.resolve("data"),
      "--listen-client-urls=http://127.0.0.1:" + clientPort,
      "--listen-peer-urls=http://127.0.0.1:" + peerPort,
      "--listen-metrics-urls=",
    };
  }

  @Test
  void wrongSettingIsOneLineAndExitCodeTwo() throws Exception {
    Process process = run("--nmae", "x");
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(errors())
        .isEqualTo("leasehold: --nmae: unknown option; did you mean --name?" + "\n");
  }

  /** What the JVM goes by: it has several settings for this, of which one has its way. */
  static final class PrintNameCache {
    private PrintNameCache() {}

    public static void main(String[] arguments) throws ReflectiveOperationException {
      Main.lookUpNamesAnew();
      Class<?> policy = Class.forName("sun.net.InetAddressCachePolicy");
      System.out.println(
          policy.getMethod("get").invoke(null)
              + " "
              + policy.getMethod("getNegative").invoke(null));
    }
  }

  @Test
  void aNameThatWasNotThereIsLookedUpAgainSoon() throws Exception {
    List<String> options = List.of("--add-exports=java.base/sun.net=ALL-UNNAMED");
    assertThat(run(options, PrintNameCache.class).waitFor()).isZero();
    assertThat(Files.readString(directory.resolve("out"))).isEqualTo("2 1\n");
  }

  @Test
  void helpAndVersionArePrinted() throws Exception {
    assertThat(run("--help").waitFor()).isZero();
    assertThat(Files.readString(directory.resolve("out"))).contains("--listen-client-urls");
    assertThat(run("--version").waitFor()).isZero();
    assertThat(Files.readString(directory.resolve("out"))).matches("leasehold \\d+\\..*\\R");
  }

  @Test
  void portInUseIsOneLineAndExitCodeOne() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Process process = run(member(taken.getLocalPort(), freePort()));
      assertThat(process.waitFor()).isEqualTo(1);
      assertThat(errors().lines().filter(line -> line.startsWith("leasehold: ")).toList())
          .singleElement()
          .asString()
          .startsWith(
              "leasehold: --listen-client-urls http://127.0.0.1:"
                  + taken.getLocalPort()
                  + ": cannot listen:")
          .endsWith("; stop what uses the port or choose another");
      assertThat(errors()).doesNotContain("\tat ");
    }
  }

  @Test
  void memberServesSaysReadyAndStopsGracefullyOnASignal() throws Exception {
    int clientPort = freePort();
    Process process = run(member(clientPort, freePort()));
    try {
      Await.until(() -> isReady(process));
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", clientPort).usePlaintext().build();
      assertThat(
              LeaseGrpc.newBlockingStub(channel)
                  .withWaitForReady()
                  .withDeadlineAfter(20, TimeUnit.SECONDS)
                  .leaseGrant(LeaseGrantRequest.newBuilder().setTTL(10).build())
                  .getTTL())
          .isEqualTo(10);
      channel.shutdownNow();
      process.destroy();
      assertThat(process.waitFor()).isZero();
      assertThat(errors())
          .contains("ready name=solo client=http://127.0.0.1:" + clientPort + " leader=solo")
          .doesNotContain("\tat ");
    } finally {
      process.destroyForcibly();
    }
  }

  private boolean isReady(Process process) {
    try {
      assertThat(process.isAlive()).as(errors()).isTrue();
      return errors().contains(" ready name=");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
