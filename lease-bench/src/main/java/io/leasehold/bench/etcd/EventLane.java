package io.leasehold.bench.etcd;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.wire.Link;

/**
 * Puts a key again and again, each time when all who watch it have been told of the last put. An
 * operation lasts from the put to the last event.
 */
public final class EventLane extends Lane {
  /** From the put to the first event, in nanoseconds. */
  public static final String FIRST = "first";

  private final Link link;
  private final byte[] put;
  private final int watchers;
  private int missing;
  private long putNanos;

  /**
   * @param watchers how many events each put makes
   */
  public EventLane(Link link, ByteString key, ByteString value, int watchers) {
    super(link.eventLoop());
    this.link = link;
    this.put = PutRequest.newBuilder().setKey(key).setValue(value).build().toByteArray();
    this.watchers = watchers;
  }

  @Override
  protected boolean begin(long nowNanos) {
    missing = watchers;
    putNanos = nowNanos;
    call(link, EtcdMethods.PUT, put, (answer, atNanos) -> {});
    return true;
  }

  /** One of the watchers was told; on this lane's event loop. */
  public void event(long nowNanos) {
    if (missing == watchers && watchers > 1) {
      record(FIRST, nowNanos - putNanos);
    }
    missing--;
    if (missing == 0) {
      done(nowNanos);
    }
  }
}
