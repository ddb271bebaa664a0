package io.leasehold.server.grpc;

import com.google.protobuf.Message;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a request on keys can be refused for by itself, whatever the key space holds. Methods return
 * the refusal, or null. Stateless; any thread.
 */
final class KeyRequestCheck {
  /**
   * Transactions within transactions. Beyond it a log entry would nest deeper than a parser of
   * messages goes, and could never be read again.
   */
  private static final int DEPTH_MAX = 24;

  private final int operationsMax;
  private final int requestBytesMax;

  /**
   * @param operationsMax operations in one list of a transaction and all that it is nested in
   */
  KeyRequestCheck(int operationsMax, int requestBytesMax) {
    this.operationsMax = operationsMax;
    this.requestBytesMax = requestBytesMax;
  }

  @Nullable EtcdError range(RangeRequest request) {
    if (request.getKey().isEmpty()) {
      return EtcdError.EMPTY_KEY;
    }
    return request.getSortOrder() == RangeRequest.SortOrder.UNRECOGNIZED
            || request.getSortTarget() == RangeRequest.SortTarget.UNRECOGNIZED
        ? EtcdError.INVALID_SORT
        : null;
  }

  @Nullable EtcdError put(PutRequest request) {
    EtcdError error = putAlone(request);
    return error == null ? size(request) : error;
  }

  @Nullable EtcdError deleteRange(DeleteRangeRequest request) {
    EtcdError error = deleteAlone(request);
    return error == null ? size(request) : error;
  }

  @Nullable EtcdError txn(TxnRequest request) {
    EtcdError error = operations(request, operationsMax, 0);
    if (error != null) {
      return error;
    }
    // Only one of the branches runs: what one writes does not concern the other.
    if (!new Writes().addAll(request.getSuccessList())
        || !new Writes().addAll(request.getFailureList())) {
      return EtcdError.DUPLICATE_KEY;
    }
    return size(request);
  }

  private @Nullable EtcdError size(Message request) {
    return request.getSerializedSize() > requestBytesMax ? EtcdError.REQUEST_TOO_LARGE : null;
  }

  private static @Nullable EtcdError putAlone(PutRequest request) {
    if (request.getKey().isEmpty()) {
      return EtcdError.EMPTY_KEY;
    }
    if (request.getIgnoreValue() && !request.getValue().isEmpty()) {
      return EtcdError.VALUE_PROVIDED;
    }
    return request.getIgnoreLease() && request.getLease() != 0 ? EtcdError.LEASE_PROVIDED : null;
  }

  private static @Nullable EtcdError deleteAlone(DeleteRangeRequest request) {
    return request.getKey().isEmpty() ? EtcdError.EMPTY_KEY : null;
  }

  /** Checks a transaction, of whose longest list each nested one may only use what it left. */
  private @Nullable EtcdError operations(TxnRequest request, int budget, int depth) {
    int longest =
        Math.max(
            request.getCompareCount(),
            Math.max(request.getSuccessCount(), request.getFailureCount()));
    if (longest > budget || depth > DEPTH_MAX) {
      return EtcdError.TOO_MANY_OPERATIONS;
    }
    for (Compare comparison : request.getCompareList()) {
      if (comparison.getKey().isEmpty()) {
        return EtcdError.EMPTY_KEY;
      }
      if (comparison.getResult() == Compare.CompareResult.UNRECOGNIZED
          || comparison.getTarget() == Compare.CompareTarget.UNRECOGNIZED) {
        return EtcdError.UNKNOWN_COMPARISON;
      }
    }
    EtcdError error = operations(request.getSuccessList(), budget - longest, depth);
    return error == null ? operations(request.getFailureList(), budget - longest, depth) : error;
  }

  private @Nullable EtcdError operations(List<RequestOp> operations, int budget, int depth) {
    for (RequestOp operation : operations) {
      EtcdError error =
          switch (operation.getRequestCase()) {
            case REQUEST_RANGE -> range(operation.getRequestRange());
            case REQUEST_PUT -> putAlone(operation.getRequestPut());
            case REQUEST_DELETE_RANGE -> deleteAlone(operation.getRequestDeleteRange());
            case REQUEST_TXN -> operations(operation.getRequestTxn(), budget, depth + 1);
            case REQUEST_NOT_SET -> EtcdError.KEY_NOT_FOUND;
          };
      if (error != null) {
        return error;
      }
    }
    return null;
  }

  /**
   * What a list of operations writes, with all that is nested in it: keys put, and ranges deleted,
   * which are kept apart from each other so that looking one up costs the same however many there
   * are.
   *
   * <p>As in etcd, a put is held against the deletes of its own list and of what is nested beside
   * or below it, but a delete within one nested transaction is not held against a put within
   * another.
   */
  private static final class Writes {
    private final Set<Bytes> puts = new HashSet<>();

    /** Ranges by first key; no two overlap. */
    private final TreeMap<Bytes, KeyRange> deletes = new TreeMap<>();

    /** Adds the operations; returns false when one key would be changed twice. */
    boolean addAll(List<RequestOp> operations) {
      for (RequestOp operation : operations) {
        if (operation.hasRequestDeleteRange()) {
          DeleteRangeRequest delete = operation.getRequestDeleteRange();
          delete(KeyMessages.range(delete.getKey(), delete.getRangeEnd()));
        }
      }
      for (RequestOp operation : operations) {
        if (operation.hasRequestTxn() && !addNested(operation.getRequestTxn())) {
          return false;
        }
      }
      for (RequestOp operation : operations) {
        if (operation.hasRequestPut()
            && !put(KeyMessages.bytes(operation.getRequestPut().getKey()))) {
          return false;
        }
      }
      return true;
    }

    private boolean addNested(TxnRequest nested) {
      Writes success = new Writes();
      Writes failure = new Writes();
      if (!success.addAll(nested.getSuccessList()) || !failure.addAll(nested.getFailureList())) {
        return false;
      }
      for (Bytes key : success.puts) {
        if (!put(key)) {
          return false;
        }
      }
      for (Bytes key : failure.puts) {
        // Both branches may put the same key, since only one of them runs.
        if (!success.puts.contains(key) && !put(key)) {
          return false;
        }
      }
      success.deletes.values().forEach(this::delete);
      failure.deletes.values().forEach(this::delete);
      return true;
    }

    private boolean put(Bytes key) {
      Map.Entry<Bytes, KeyRange> before = deletes.floorEntry(key);
      return (before == null || !before.getValue().contains(key)) && puts.add(key);
    }

    private void delete(KeyRange range) {
      if (range.isEmpty()) {
        return;
      }
      Bytes first = range.first();
      Bytes end = range.end();
      Map.Entry<Bytes, KeyRange> near = deletes.floorEntry(first);
      if (near == null || !near.getValue().overlaps(range)) {
        near = deletes.ceilingEntry(first);
      }
      while (near != null && near.getValue().overlaps(range)) {
        KeyRange old = near.getValue();
        deletes.remove(old.first());
        first = first.compareTo(old.first()) <= 0 ? first : old.first();
        end = later(end, old.end());
        near = deletes.ceilingEntry(first);
      }
      deletes.put(first, new KeyRange(first, end));
    }

    private static @Nullable Bytes later(@Nullable Bytes one, @Nullable Bytes other) {
      if (one == null || other == null) {
        return null;
      }
      return one.compareTo(other) >= 0 ? one : other;
    }
  }
}
