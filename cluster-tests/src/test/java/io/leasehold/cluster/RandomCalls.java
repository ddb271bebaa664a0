package io.leasehold.cluster;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.Compare.CompareResult;
import io.leasehold.api.etcdserverpb.Compare.CompareTarget;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeRequest.SortOrder;
import io.leasehold.api.etcdserverpb.RangeRequest.SortTarget;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import java.util.Random;

/**
 * Requests about keys and leases, sound and unsound ones, from a seed. The same seed and the same
 * answers give the same requests.
 */
final class RandomCalls {
  /** So few that etcd sorts them without changing the order of equal ones. */
  private static final int KEYS = 10;

  /** The first of all keys; as the end of a range, no end at all. */
  private static final ByteString ZERO_BYTE = ByteString.copyFrom(new byte[1]);

  private static final int VALUES = 4;
  private static final int LEASES = 6;
  private static final long TTL_SECONDS = 3600;
  private static final int DEPTH_MAX = 2;
  private static final int OPS_TOO_MANY = 129;

  private final Random random;
  private long revision = 1;
  private long compacted;

  RandomCalls(long seed) {
    this.random = new Random(seed);
  }

  /** Takes note of how far the revision went, so that requests ask for some near it. */
  void reached(long revision) {
    this.revision = Math.max(this.revision, revision);
  }

  /** Takes note of a compaction that was accepted. */
  void compactedAt(long revision) {
    this.compacted = revision;
  }

  /** Returns the next request, which may be one that is refused. */
  Message next() {
    int dice = random.nextInt(100);
    if (dice < 25) {
      return put();
    } else if (dice < 45) {
      return range();
    } else if (dice < 55) {
      return delete();
    } else if (dice < 80) {
      return txn(0);
    } else if (dice < 87) {
      return LeaseGrantRequest.newBuilder()
          .setID(leaseId())
          .setTTL(oneIn(20) ? 9_000_000_001L : TTL_SECONDS)
          .build();
    } else if (dice < 91) {
      return LeaseRevokeRequest.newBuilder().setID(leaseId()).build();
    } else if (dice < 96) {
      return LeaseTimeToLiveRequest.newBuilder().setID(leaseId()).setKeys(oneIn(2)).build();
    } else if (dice < 98) {
      return LeaseLeasesRequest.getDefaultInstance();
    }
    return CompactionRequest.newBuilder()
        // At 0 etcd compacts once, we never: nothing is older.
        .setRevision(oneIn(2) ? nearbyRevision() : Math.max(1, compacted + random.nextInt(10)))
        .setPhysical(oneIn(2))
        .build();
  }

  private PutRequest put() {
    PutRequest.Builder put =
        PutRequest.newBuilder().setKey(key()).setValue(value()).setPrevKv(oneIn(2));
    if (oneIn(2)) {
      put.setLease(leaseId());
    }
    if (oneIn(8)) {
      put.setIgnoreValue(true);
      if (!oneIn(4)) {
        put.clearValue();
      }
    }
    if (oneIn(8)) {
      put.setIgnoreLease(true);
      if (!oneIn(4)) {
        put.clearLease();
      }
    }
    return put.build();
  }

  private RangeRequest range() {
    RangeRequest.Builder range =
        RangeRequest.newBuilder()
            .setKey(key())
            .setRangeEnd(rangeEnd())
            .setKeysOnly(oneIn(6))
            .setCountOnly(oneIn(8));
    if (oneIn(3)) {
      range.setLimit(random.nextInt(5));
    }
    if (oneIn(3)) {
      range.setRevision(nearbyRevision());
    }
    if (oneIn(2)) {
      range.setSortTarget(SortTarget.forNumber(random.nextInt(5)));
      // Without an order etcd sorts no more than the first keys up to the limit.
      int lowest = range.getLimit() > 0 ? SortOrder.ASCEND_VALUE : SortOrder.NONE_VALUE;
      range.setSortOrderValue(lowest + random.nextInt(SortOrder.DESCEND_VALUE + 1 - lowest));
    }
    if (oneIn(8)) {
      range.setMinModRevision(nearbyRevision());
    }
    if (oneIn(8)) {
      range.setMaxModRevision(nearbyRevision());
    }
    if (oneIn(8)) {
      range.setMinCreateRevision(nearbyRevision());
    }
    if (oneIn(8)) {
      range.setMaxCreateRevision(nearbyRevision());
    }
    return range.build();
  }

  private DeleteRangeRequest delete() {
    return DeleteRangeRequest.newBuilder()
        .setKey(key())
        .setRangeEnd(rangeEnd())
        .setPrevKv(oneIn(2))
        .build();
  }

  private TxnRequest txn(int depth) {
    TxnRequest.Builder txn = TxnRequest.newBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addCompare(compare());
    }
    int success = oneIn(100) ? OPS_TOO_MANY : random.nextInt(4);
    for (int i = 0; i < success; i++) {
      txn.addSuccess(op(depth));
    }
    for (int i = random.nextInt(3); i > 0; i--) {
      txn.addFailure(op(depth));
    }
    if (depth == 0) {
      // Without an operation of its own it may be answered by a member that lags behind.
      txn.addFailure(RequestOp.newBuilder().setRequestRange(range()));
    }
    return txn.build();
  }

  private RequestOp op(int depth) {
    int dice = random.nextInt(depth < DEPTH_MAX ? 10 : 9);
    if (oneIn(60)) {
      return RequestOp.getDefaultInstance();
    } else if (dice < 4) {
      return RequestOp.newBuilder().setRequestPut(put()).build();
    } else if (dice < 7) {
      return RequestOp.newBuilder().setRequestRange(range()).build();
    } else if (dice < 9) {
      DeleteRangeRequest delete = delete();
      // etcd does not see that a delete of all keys from one on meets a put; we refuse that.
      return RequestOp.newBuilder()
          .setRequestDeleteRange(
              delete.getRangeEnd().equals(ZERO_BYTE)
                  ? delete.toBuilder().clearRangeEnd().build()
                  : delete)
          .build();
    }
    return RequestOp.newBuilder().setRequestTxn(txn(depth + 1)).build();
  }

  private Compare compare() {
    CompareTarget target = CompareTarget.forNumber(random.nextInt(5));
    Compare.Builder compare =
        Compare.newBuilder()
            .setKey(key())
            .setTarget(target)
            .setResult(CompareResult.forNumber(random.nextInt(4)));
    if (oneIn(4)) {
      compare.setRangeEnd(rangeEnd());
    }
    switch (target) {
      case VERSION -> compare.setVersion(random.nextInt(4));
      case CREATE -> compare.setCreateRevision(oneIn(2) ? 0 : nearbyRevision());
      case MOD -> compare.setModRevision(oneIn(2) ? 0 : nearbyRevision());
      case VALUE -> compare.setValue(value());
      case LEASE -> compare.setLease(oneIn(2) ? 0 : leaseId());
      case UNRECOGNIZED -> throw new AssertionError(target);
    }
    return compare.build();
  }

  private ByteString key() {
    if (oneIn(60)) {
      return ByteString.EMPTY;
    }
    if (oneIn(30)) {
      return ZERO_BYTE;
    }
    return Keys.bytes("k" + random.nextInt(KEYS));
  }

  private ByteString rangeEnd() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> Keys.bytes("k" + random.nextInt(KEYS));
      case 3 -> Keys.endOf("k");
      case 4 -> ZERO_BYTE;
      default -> ByteString.EMPTY;
    };
  }

  private ByteString value() {
    return Keys.bytes("v".repeat(random.nextInt(VALUES)));
  }

  /** Never 0, which lets the server choose. */
  private long leaseId() {
    return 1L + random.nextInt(LEASES);
  }

  /** Mostly one that can be read, now and then one that is compacted or yet to come. */
  private long nearbyRevision() {
    long lowest = Math.max(1, compacted - 2);
    return lowest + random.nextInt((int) (revision + 3 - lowest));
  }

  private boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }
}
