package io.leasehold.cluster;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.api.v1.RenewalsGrpc;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Prints how many leases a second are renewed in batches, through the leader or through a follower,
 * and what that costs. Arguments: leases (100 000), seconds (10), leases in a message (4096),
 * connections (2), {@code leader} or {@code follower}, members (3).
 *
 * <p>Messages are encoded once and sent again and again, so that this program takes little of the
 * processors which it shares with the members.
 */
public final class RenewalBatchBench {
  /** Messages of a connection without an answer: enough to keep the member busy. */
  private static final int OUTSTANDING = 4;

  /** A JVM's first seconds are several times slower. */
  private static final Duration WARM_UP = Duration.ofSeconds(8);

  private static final long TTL_SECONDS = 3600;
  private static final int GRANTS_IN_FLIGHT = 1024;

  private RenewalBatchBench() {}

  public static void main(String[] args) throws Exception {
    int leases = args.length > 0 ? Integer.parseInt(args[0]) : 100_000;
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    int perMessage = args.length > 2 ? Integer.parseInt(args[2]) : 4096;
    int connections = args.length > 3 ? Integer.parseInt(args[3]) : 2;
    boolean throughFollower = args.length > 4 && args[4].equals("follower");
    int members = args.length > 5 ? Integer.parseInt(args[5]) : 3;
    Path home = Files.createTempDirectory("leasehold-bench");
    try (Cluster cluster = Cluster.start(home, "1g", members)) {
      List<Long> ids = Grants.many(cluster.members(), leases, TTL_SECONDS, GRANTS_IN_FLIGHT);
      Collections.shuffle(ids);
      MemberProcess through = throughFollower ? cluster.follower() : cluster.leader();
      List<byte[]> messages = messages(ids, perMessage);
      List<Connection> all = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        all.add(new Connection(through, messages, messages.size() * i / connections));
      }
      all.forEach(Connection::start);
      Conditions.letPass(WARM_UP);
      measure(cluster, all, seconds, leases + " leases, " + perMessage + " a message");
      all.forEach(Connection::close);
    }
    System.exit(0);
  }

  private static List<byte[]> messages(List<Long> ids, int perMessage) {
    List<byte[]> messages = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += perMessage) {
      List<Long> some = ids.subList(from, Math.min(ids.size(), from + perMessage));
      messages.add(
          RenewBatchRequest.newBuilder()
              .setSequence(some.size())
              .addAllLeaseIds(some)
              .build()
              .toByteArray());
    }
    return messages;
  }

  private static void measure(
      Cluster cluster, List<Connection> connections, int seconds, String what) throws Exception {
    MemberProcess leader = cluster.leader();
    connections.forEach(Connection::resetFigures);
    Duration leaderBefore = leader.cpuTime();
    Duration ownBefore = ownCpuTime();
    long begunNanos = System.nanoTime();
    long before = 0;
    for (int second = 1; second <= seconds; second++) {
      Conditions.letPass(
          Duration.ofNanos(begunNanos + second * 1_000_000_000L - System.nanoTime()));
      long now = connections.stream().mapToLong(Connection::renewed).sum();
      System.out.printf("  second %d: %,d renewals%n", second, now - before);
      before = now;
    }
    double elapsed = (System.nanoTime() - begunNanos) / 1e9;
    Duration leaderCpu = leader.cpuTime().minus(leaderBefore);
    Duration ownCpu = ownCpuTime().minus(ownBefore);
    long[] latencies =
        connections.stream()
            .flatMapToLong(c -> Arrays.stream(c.latenciesNanos()))
            .sorted()
            .toArray();
    System.out.printf(
        "%s, %d connections: %,.0f renewals/s; messages p50 %.2f ms, p99 %.2f ms, longest %.2f ms;"
            + " CPU a renewal: leader %.3f us, this program %.3f us; not renewed: %d%n",
        what,
        connections.size(),
        before / elapsed,
        percentileMillis(latencies, 0.5),
        percentileMillis(latencies, 0.99),
        percentileMillis(latencies, 1),
        leaderCpu.toNanos() / 1e3 / before,
        ownCpu.toNanos() / 1e3 / before,
        connections.stream().mapToLong(Connection::notRenewed).sum());
  }

  private static double percentileMillis(long[] sorted, double share) {
    return sorted.length == 0
        ? 0
        : sorted[(int) Math.min(sorted.length - 1, sorted.length * share)] / 1e6;
  }

  private static Duration ownCpuTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  /** One connection with one stream, on which some messages are always under way. */
  private static final class Connection extends ClientCall.Listener<RenewBatchResponse> {
    private static final int LATENCIES_MAX = 1 << 20;

    private final List<byte[]> messages;
    private final ManagedChannel channel;
    private final ClientCall<byte[], RenewBatchResponse> call;
    private final AtomicLong renewed = new AtomicLong();
    private final AtomicLong notRenewed = new AtomicLong();

    /** When the messages under way were sent; guards what sending needs, too. */
    private final ArrayDeque<Long> sentNanos = new ArrayDeque<>();

    private final long[] latenciesNanos = new long[LATENCIES_MAX];
    private volatile int latencies;
    private volatile boolean isClosing;
    private int next;

    Connection(MemberProcess member, List<byte[]> messages, int first) {
      this.messages = messages;
      this.next = first;
      this.channel =
          NettyChannelBuilder.forTarget("dns:///" + member.endpoint())
              .usePlaintext()
              .directExecutor()
              .build();
      MethodDescriptor<RenewBatchRequest, RenewBatchResponse> method =
          RenewalsGrpc.getRenewBatchMethod();
      this.call =
          channel.newCall(
              method.toBuilder(new Encoded(), method.getResponseMarshaller()).build(),
              CallOptions.DEFAULT);
    }

    void start() {
      call.start(this, new Metadata());
      call.request(OUTSTANDING);
      for (int i = 0; i < OUTSTANDING; i++) {
        send();
      }
    }

    private void send() {
      synchronized (sentNanos) {
        sentNanos.add(System.nanoTime());
        call.sendMessage(messages.get(next));
        next = (next + 1) % messages.size();
      }
    }

    @Override
    public void onMessage(RenewBatchResponse answer) {
      int missing = answer.getNotFoundCount() + answer.getUndecidedCount();
      notRenewed.addAndGet(missing);
      long tookNanos;
      synchronized (sentNanos) {
        tookNanos = System.nanoTime() - sentNanos.remove();
      }
      // The sequence number of a message is the number of its leases.
      renewed.addAndGet(answer.getSequence() - missing);
      int index = latencies;
      if (index < LATENCIES_MAX) {
        latenciesNanos[index] = tookNanos;
        latencies = index + 1;
      }
      call.request(1);
      send();
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      if (!isClosing) {
        System.out.println("the stream ended: " + status);
      }
    }

    void resetFigures() {
      renewed.set(0);
      notRenewed.set(0);
      latencies = 0;
    }

    long renewed() {
      return renewed.get();
    }

    long notRenewed() {
      return notRenewed.get();
    }

    long[] latenciesNanos() {
      return Arrays.copyOf(latenciesNanos, latencies);
    }

    void close() {
      isClosing = true;
      channel.shutdownNow();
      try {
        boolean unused = channel.awaitTermination(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static final class Encoded implements Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      throw new UnsupportedOperationException("requests are not read here");
    }
  }
}
