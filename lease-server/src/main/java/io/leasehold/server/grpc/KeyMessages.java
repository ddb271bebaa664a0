package io.leasehold.server.grpc;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.api.etcdserverpb.ResponseOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.Comparison;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.OpResult;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.Txn;
import io.leasehold.core.key.TxnResult;
import io.leasehold.server.message.KeyValueMessage;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates between etcd's messages and the words of the key space. Requests have passed {@link
 * KeyRequestCheck}. Keys and values are copied once on the way in and not at all on the way out.
 * Stateless; any thread.
 */
public final class KeyMessages {
  private KeyMessages() {}

  /** Returns the bytes of a field. */
  public static Bytes bytes(ByteString field) {
    return Bytes.wrap(field.toByteArray());
  }

  /** Returns the bytes as a field holds them. */
  public static ByteString field(Bytes bytes) {
    return KeyValueMessage.field(bytes);
  }

  /** Returns the range that a key and a range end mean. */
  public static KeyRange range(ByteString key, ByteString rangeEnd) {
    return KeyRange.of(bytes(key), bytes(rangeEnd));
  }

  /** Returns an event as the key space has it. */
  static KeyEvent event(Event event) {
    io.leasehold.api.mvccpb.KeyValue kv = event.getKv();
    return event.getType() == Event.EventType.DELETE
        ? new KeyEvent.Deleted(bytes(kv.getKey()), kv.getModRevision())
        : new KeyEvent.Put(
            new KeyValue(
                bytes(kv.getKey()),
                bytes(kv.getValue()),
                kv.getCreateRevision(),
                kv.getModRevision(),
                kv.getVersion(),
                kv.getLease()));
  }

  static RangeQuery query(RangeRequest request) {
    return new RangeQuery(
        range(request.getKey(), request.getRangeEnd()),
        request.getRevision(),
        request.getLimit(),
        switch (request.getSortTarget()) {
          case KEY, UNRECOGNIZED -> RangeQuery.SortTarget.KEY;
          case VERSION -> RangeQuery.SortTarget.VERSION;
          case CREATE -> RangeQuery.SortTarget.CREATE;
          case MOD -> RangeQuery.SortTarget.MOD;
          case VALUE -> RangeQuery.SortTarget.VALUE;
        },
        switch (request.getSortOrder()) {
          case NONE, UNRECOGNIZED -> RangeQuery.SortOrder.NONE;
          case ASCEND -> RangeQuery.SortOrder.ASCEND;
          case DESCEND -> RangeQuery.SortOrder.DESCEND;
        },
        request.getMinModRevision(),
        request.getMaxModRevision(),
        request.getMinCreateRevision(),
        request.getMaxCreateRevision(),
        request.getKeysOnly(),
        request.getCountOnly());
  }

  static Op.Put put(PutRequest request) {
    return new Op.Put(
        bytes(request.getKey()),
        bytes(request.getValue()),
        request.getLease(),
        request.getIgnoreValue(),
        request.getIgnoreLease(),
        request.getPrevKv());
  }

  static Op.DeleteRange deleteRange(DeleteRangeRequest request) {
    return new Op.DeleteRange(range(request.getKey(), request.getRangeEnd()), request.getPrevKv());
  }

  static Txn txn(TxnRequest request) {
    List<Comparison> comparisons = new ArrayList<>(request.getCompareCount());
    for (Compare comparison : request.getCompareList()) {
      comparisons.add(comparison(comparison));
    }
    return new Txn(
        comparisons, operations(request.getSuccessList()), operations(request.getFailureList()));
  }

  /** Tells whether all that a read-only transaction wants may be answered without a barrier. */
  static boolean isSerializable(TxnRequest request) {
    return areSerializable(request.getSuccessList()) && areSerializable(request.getFailureList());
  }

  static RangeResponse rangeResponse(OpResult.Range result, ResponseHeader header) {
    RangeResponse.Builder response =
        RangeResponse.newBuilder()
            .setHeader(header)
            .setCount(result.count())
            .setMore(result.more());
    for (KeyValue keyValue : result.keyValues()) {
      response.addKvs(KeyValueMessage.of(keyValue));
    }
    return response.build();
  }

  static PutResponse putResponse(OpResult.Put result, ResponseHeader header) {
    PutResponse.Builder response = PutResponse.newBuilder().setHeader(header);
    KeyValue previous = result.previous();
    if (previous != null) {
      response.setPrevKv(KeyValueMessage.of(previous));
    }
    return response.build();
  }

  static DeleteRangeResponse deleteResponse(OpResult.DeleteRange result, ResponseHeader header) {
    DeleteRangeResponse.Builder response =
        DeleteRangeResponse.newBuilder().setHeader(header).setDeleted(result.count());
    for (KeyValue previous : result.previous()) {
      response.addPrevKvs(KeyValueMessage.of(previous));
    }
    return response.build();
  }

  static TxnResponse txnResponse(TxnResult result, ResponseHeader header) {
    long revision = header.getRevision();
    return new Answers(changes(result) ? revision - 1 : revision).txn(result, header);
  }

  /** Tells whether a transaction that answered this changed a key. */
  private static boolean changes(TxnResult result) {
    for (OpResult operation : result.results()) {
      if (changes(operation)) {
        return true;
      }
    }
    return false;
  }

  private static boolean changes(OpResult operation) {
    return operation instanceof OpResult.Put
        || (operation instanceof OpResult.DeleteRange delete && delete.count() > 0)
        || (operation instanceof OpResult.Nested nested && changes(nested.result()));
  }

  private static Comparison comparison(Compare comparison) {
    KeyRange range = range(comparison.getKey(), comparison.getRangeEnd());
    Comparison.Relation relation =
        switch (comparison.getResult()) {
          case EQUAL, UNRECOGNIZED -> Comparison.Relation.EQUAL;
          case GREATER -> Comparison.Relation.GREATER;
          case LESS -> Comparison.Relation.LESS;
          case NOT_EQUAL -> Comparison.Relation.NOT_EQUAL;
        };
    // A field that does not fit the target counts as not given.
    return switch (comparison.getTarget()) {
      case VERSION, UNRECOGNIZED ->
          number(range, Comparison.Target.VERSION, relation, comparison.getVersion());
      case CREATE ->
          number(range, Comparison.Target.CREATE, relation, comparison.getCreateRevision());
      case MOD -> number(range, Comparison.Target.MOD, relation, comparison.getModRevision());
      case LEASE -> number(range, Comparison.Target.LEASE, relation, comparison.getLease());
      case VALUE ->
          new Comparison(range, Comparison.Target.VALUE, relation, 0, bytes(comparison.getValue()));
    };
  }

  private static Comparison number(
      KeyRange range, Comparison.Target target, Comparison.Relation relation, long number) {
    return new Comparison(range, target, relation, number, Bytes.EMPTY);
  }

  private static List<Op> operations(List<RequestOp> requests) {
    List<Op> operations = new ArrayList<>(requests.size());
    for (RequestOp request : requests) {
      operations.add(
          switch (request.getRequestCase()) {
            case REQUEST_RANGE -> new Op.Range(query(request.getRequestRange()));
            case REQUEST_PUT -> put(request.getRequestPut());
            case REQUEST_DELETE_RANGE -> deleteRange(request.getRequestDeleteRange());
            case REQUEST_TXN -> new Op.Nested(txn(request.getRequestTxn()));
            case REQUEST_NOT_SET -> throw new IllegalArgumentException("an operation is empty");
          });
    }
    return operations;
  }

  private static boolean areSerializable(List<RequestOp> operations) {
    for (RequestOp operation : operations) {
      boolean isSerializable =
          operation.hasRequestTxn()
              ? isSerializable(operation.getRequestTxn())
              : operation.getRequestRange().getSerializable();
      if (!isSerializable) {
        return false;
      }
    }
    return true;
  }

  /**
   * Writes the answers of a transaction, in order. Those within it carry no more than a revision:
   * the former one until the transaction has changed something, and then its own.
   */
  private static final class Answers {
    private final long before;
    private boolean hasChanged;

    Answers(long before) {
      this.before = before;
    }

    TxnResponse txn(TxnResult result, ResponseHeader header) {
      TxnResponse.Builder response =
          TxnResponse.newBuilder().setHeader(header).setSucceeded(result.succeeded());
      for (OpResult operation : result.results()) {
        response.addResponses(operation(operation));
      }
      return response.build();
    }

    private ResponseOp operation(OpResult operation) {
      ResponseOp.Builder response = ResponseOp.newBuilder();
      if (operation instanceof OpResult.Nested nested) {
        // As in etcd: that of a transaction within another is there, and empty.
        return response
            .setResponseTxn(txn(nested.result(), ResponseHeader.getDefaultInstance()))
            .build();
      }
      hasChanged |= changes(operation);
      if (operation instanceof OpResult.Range range) {
        response.setResponseRange(rangeResponse(range, inner()));
      } else if (operation instanceof OpResult.Put put) {
        response.setResponsePut(putResponse(put, inner()));
      } else if (operation instanceof OpResult.DeleteRange delete) {
        response.setResponseDeleteRange(deleteResponse(delete, inner()));
      }
      return response.build();
    }

    private ResponseHeader inner() {
      return ResponseHeader.newBuilder().setRevision(hasChanged ? before + 1 : before).build();
    }
  }
}
