package io.leasehold.bench.run;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.WireFormat;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.api.v1.RenewBatchRequest;
import io.leasehold.api.v1.RenewBatchResponse;
import io.leasehold.bench.cluster.BenchCluster;
import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.etcd.KeepAliveMessages;
import io.leasehold.bench.wire.Answerer;
import io.leasehold.bench.wire.EventLoops;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that answers what the generator asks and does nothing else, so that the kernel counts
 * both for themselves. It ends when its standard input does, and so with its parent at the latest.
 */
final class AnswererProcess implements AutoCloseable {
  /** The command that makes this program the answerer. */
  static final String COMMAND = "answer";

  private static final long EXIT_SECONDS_MAX = 5;
  private static final long TTL_SECONDS = 3600;

  private final Process process;
  private final int port;

  private AnswererProcess(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  static AnswererProcess start() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), "io.leasehold.bench.Main", COMMAND));
    try {
      Process started =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      BufferedReader said = started.inputReader(StandardCharsets.UTF_8);
      String line = said.readLine();
      if (line == null) {
        started.destroyForcibly();
        throw new BenchException("the answerer did not start");
      }
      return new AnswererProcess(started, Integer.parseInt(line));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  BenchCluster cluster() {
    return BenchCluster.of("answerer", "127.0.0.1:" + port, process.pid());
  }

  /** Is the answerer, until nobody holds the other end of standard input. */
  static int answer(PrintStream out) {
    try (EventLoops loops = new EventLoops(1);
        Answerer answerer = new Answerer(loops, new Answers());
        InputStream parent = System.in) {
      out.println(answerer.port());
      out.flush();
      while (parent.read() >= 0) {
        // Nothing is ever said; only the end counts.
      }
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a member would say, made without thinking. */
  static final class Answers implements Answerer.Answers {
    private static final long MEMBER_ID = 1;
    private static final String RENEW_BATCH = "/leasehold.v1.Renewals/RenewBatch";
    private static final ResponseHeader HEADER =
        ResponseHeader.newBuilder()
            .setClusterId(1)
            .setMemberId(MEMBER_ID)
            .setRevision(1)
            .setRaftTerm(1)
            .build();

    private final Map<String, byte[]> fixed =
        Map.of(
            "/etcdserverpb.Lease/LeaseGrant",
            bytes(LeaseGrantResponse.newBuilder().setHeader(HEADER).setID(1).setTTL(TTL_SECONDS)),
            "/etcdserverpb.Maintenance/Status",
            bytes(
                StatusResponse.newBuilder()
                    .setHeader(HEADER)
                    .setVersion("answerer")
                    .setLeader(MEMBER_ID)
                    .setRaftTerm(1)));

    private static byte[] bytes(MessageLite.Builder message) {
      return message.build().toByteArray();
    }

    @Override
    public byte[] answer(String path, ByteBuf in, int begin, int length) {
      byte[] answer = fixed.get(path);
      if (answer != null) {
        return answer;
      }
      return path.equals(RENEW_BATCH)
          ? bytes(
              RenewBatchResponse.newBuilder()
                  .setHeader(HEADER)
                  .setSequence(sequence(in, begin, length))
                  .setTtlMillis(TimeUnit.SECONDS.toMillis(TTL_SECONDS)))
          : KeepAliveMessages.answer(KeepAliveMessages.idOfRequest(in, begin), TTL_SECONDS);
    }

    /** Returns the number of a batch, without looking at its leases. */
    private static long sequence(ByteBuf in, int begin, int length) {
      try {
        CodedInputStream request = CodedInputStream.newInstance(in.nioBuffer(begin, length));
        int field = WireFormat.getTagFieldNumber(request.readTag());
        return field == RenewBatchRequest.SEQUENCE_FIELD_NUMBER ? request.readUInt64() : 0;
      } catch (IOException e) {
        throw new IllegalArgumentException("not a batch", e);
      }
    }

    @Override
    public boolean isUnary(String path) {
      return fixed.containsKey(path);
    }
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(EXIT_SECONDS_MAX, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
