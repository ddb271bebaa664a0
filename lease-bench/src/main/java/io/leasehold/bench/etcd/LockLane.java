package io.leasehold.bench.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.leasehold.api.v3lockpb.LockRequest;
import io.leasehold.api.v3lockpb.LockResponse;
import io.leasehold.api.v3lockpb.UnlockRequest;
import io.leasehold.bench.load.Lane;
import io.leasehold.bench.wire.Link;

/** Takes a lock and gives it back, over and over, as the holder of one lease. */
public final class LockLane extends Lane {
  /** How long it took to get the lock, in nanoseconds. */
  public static final String LOCK = "lock";

  /** How long it took to give it back. */
  public static final String UNLOCK = "unlock";

  /** From when a holder asked to give the lock back until the next one had it. */
  public static final String HAND_OVER = "handOver";

  private final Link link;
  private final Contention contention;
  private final byte[] lockRequest;

  /** What those who want the same lock know of each other. For any thread. */
  public static final class Contention {
    private volatile long releasedNanos;
    private volatile boolean wasReleased;
  }

  public LockLane(Link link, ByteString name, long leaseId, Contention contention) {
    super(link.eventLoop());
    this.link = link;
    this.contention = contention;
    this.lockRequest =
        LockRequest.newBuilder().setName(name).setLease(leaseId).build().toByteArray();
  }

  @Override
  protected boolean begin(long nowNanos) {
    call(
        link,
        EtcdMethods.LOCK,
        lockRequest,
        (answer, atNanos) -> locked(answer, nowNanos, atNanos));
    return true;
  }

  private void locked(byte[] answer, long askedNanos, long nowNanos) {
    record(LOCK, nowNanos - askedNanos);
    // One that asked before the release was waiting for it.
    if (contention.wasReleased && contention.releasedNanos - askedNanos > 0) {
      record(HAND_OVER, nowNanos - contention.releasedNanos);
    }
    contention.releasedNanos = nowNanos;
    contention.wasReleased = true;
    call(
        link,
        EtcdMethods.UNLOCK,
        UnlockRequest.newBuilder().setKey(key(answer)).build().toByteArray(),
        (any, atNanos) -> {
          record(UNLOCK, atNanos - nowNanos);
          done(atNanos);
        });
  }

  private static ByteString key(byte[] answer) {
    try {
      return LockResponse.parseFrom(answer).getKey();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }
}
