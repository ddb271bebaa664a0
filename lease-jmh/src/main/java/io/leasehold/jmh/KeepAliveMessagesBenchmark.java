package io.leasehold.jmh;

import com.google.protobuf.InvalidProtocolBufferException;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The messages of a renewal. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class KeepAliveMessagesBenchmark {
  private static final long LEASE_ID = 0x326975934c41a2b5L;

  private final byte[] request =
      LeaseKeepAliveRequest.newBuilder().setID(LEASE_ID).build().toByteArray();
  private final ResponseHeader header =
      ResponseHeader.newBuilder()
          .setClusterId(0xcdf818194e3a8c32L)
          .setMemberId(0x8e9e05c52164694dL)
          .setRevision(1_000_000)
          .setRaftTerm(3)
          .build();

  @Benchmark
  public long parseRequest() throws InvalidProtocolBufferException {
    return LeaseKeepAliveRequest.parseFrom(request).getID();
  }

  @Benchmark
  public byte[] encodeAnswer() {
    return LeaseKeepAliveResponse.newBuilder()
        .setHeader(header)
        .setID(LEASE_ID)
        .setTTL(30)
        .build()
        .toByteArray();
  }
}
