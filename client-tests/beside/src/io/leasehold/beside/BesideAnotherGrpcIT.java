package io.leasehold.beside;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.StringValue;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.leasehold.client.Bytes;
import io.leasehold.client.DistributedLock;
import io.leasehold.client.KeptLease;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseState;
import io.leasehold.client.Session;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One process that calls a service of its own, and takes leases with the client meanwhile. */
@Timeout(240)
final class BesideAnotherGrpcIT {
  private static final Duration TTL = Duration.ofSeconds(5);

  private static final MethodDescriptor<StringValue, StringValue> GREET =
      MethodDescriptor.<StringValue, StringValue>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName("beside.Greeter", "Greet"))
          .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
          .build();

  @TempDir Path home;

  @Test
  void bothWorkInOneProcess() throws Exception {
    assertThat(neighbours()).containsExactly(System.getProperty("beside.jars").split(",", -1));

    Server server = greeter();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getPort()))
            .usePlaintext()
            .build();
    try (OneMember member = OneMember.start(home.resolve("member"));
        LeaseClient client = LeaseClient.connect(member.endpoint());
        Session session = client.openSession(TTL)) {
      KeptLease kept = client.leases().keepAlive(client.leases().grant(TTL), event -> {});
      DistributedLock lock = session.lock("beside");

      String greeting = lock.runWhileHeld(() -> greet(channel, "token " + lock.fencingToken()));

      assertThat(greeting).startsWith("hello token ");
      client.keys().put(Bytes.of("beside"), Bytes.of(greeting), kept.id());
      assertThat(client.keys().get(Bytes.of("beside")).orElseThrow().leaseId())
          .isEqualTo(kept.id());
      assertThat(kept.state()).isEqualTo(LeaseState.ALIVE);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  /** What this project has of gRPC, protobuf and Netty, by the names of the jars. */
  private static List<String> neighbours() {
    return Stream.<Class<?>>of(ManagedChannel.class, Message.class, Channel.class)
        .map(type -> type.getProtectionDomain().getCodeSource().getLocation().getPath())
        .map(path -> path.substring(path.lastIndexOf('/') + 1))
        .toList();
  }

  private static Server greeter() throws Exception {
    ServerServiceDefinition service =
        ServerServiceDefinition.builder("beside.Greeter")
            .addMethod(
                GREET,
                ServerCalls.asyncUnaryCall(
                    (StringValue request, io.grpc.stub.StreamObserver<StringValue> answers) -> {
                      answers.onNext(StringValue.of("hello " + request.getValue()));
                      answers.onCompleted();
                    }))
            .build();
    return NettyServerBuilder.forAddress(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
        .addService(service)
        .build()
        .start();
  }

  private static String greet(ManagedChannel channel, String name) {
    return ClientCalls.blockingUnaryCall(
            channel,
            GREET,
            CallOptions.DEFAULT.withDeadlineAfter(20, java.util.concurrent.TimeUnit.SECONDS),
            StringValue.of(name))
        .getValue();
  }
}
