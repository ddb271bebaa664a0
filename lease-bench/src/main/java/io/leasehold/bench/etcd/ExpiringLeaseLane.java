package io.leasehold.bench.etcd;

import com.google.protobuf.InvalidProtocolBufferException;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantResponse;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.wire.Link;
import java.util.function.LongUnaryOperator;

/** Grants leases that nobody renews, and hangs a key on those whose end is to be seen. */
public final class ExpiringLeaseLane extends Lane {
  private final Link link;
  private final Tickets tickets;
  private final LeaseRange leases;
  private final LongUnaryOperator ttlSeconds;
  private final LeaseEnds ends;

  /**
   * @param ttlSeconds the TTL of a lease granted at a moment in nanoseconds
   */
  public ExpiringLeaseLane(
      Link link, Tickets tickets, LeaseRange leases, LongUnaryOperator ttlSeconds, LeaseEnds ends) {
    super(link.eventLoop());
    this.link = link;
    this.tickets = tickets;
    this.leases = leases;
    this.ttlSeconds = ttlSeconds;
    this.ends = ends;
  }

  @Override
  protected boolean begin(long nowNanos) {
    int index = (int) tickets.next();
    if (index < 0) {
      return false;
    }
    byte[] request =
        LeaseGrantRequest.newBuilder()
            .setID(leases.id(index))
            .setTTL(ttlSeconds.applyAsLong(nowNanos))
            .build()
            .toByteArray();
    call(
        link,
        EtcdMethods.GRANT,
        request,
        (answer, atNanos) -> {
          ends.granted(index, ttlOf(answer), nowNanos);
          hangKeyOn(index, atNanos);
        });
    return true;
  }

  private void hangKeyOn(int index, long nowNanos) {
    if (!ends.isSeen(index)) {
      done(nowNanos);
      return;
    }
    byte[] put =
        PutRequest.newBuilder()
            .setKey(ends.key(index))
            .setLease(leases.id(index))
            .build()
            .toByteArray();
    call(link, EtcdMethods.PUT, put, (answer, atNanos) -> done(atNanos));
  }

  private static long ttlOf(byte[] answer) {
    try {
      return LeaseGrantResponse.parseFrom(answer).getTTL();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
