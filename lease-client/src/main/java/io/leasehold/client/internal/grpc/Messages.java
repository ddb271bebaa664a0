package io.leasehold.client.internal.grpc;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.Compare.CompareResult;
import io.leasehold.api.etcdserverpb.Compare.CompareTarget;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeRequest.SortOrder;
import io.leasehold.api.etcdserverpb.RangeRequest.SortTarget;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.ResponseOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.client.Bytes;
import io.leasehold.client.Condition;
import io.leasehold.client.KeyChange;
import io.leasehold.client.KeyEntry;
import io.leasehold.client.Operation;
import io.leasehold.client.Operation.Delete;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult;
import io.leasehold.client.OperationResult.Deleted;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.OperationResult.Written;
import io.leasehold.client.Txn;
import io.leasehold.client.TxnResult;

/** Translates between messages of the wire and the client's own types. */
final class Messages {
  private Messages() {}

  static Bytes bytes(ByteString bytes) {
    return Bytes.copyOf(bytes.toByteArray());
  }

  static ByteString bytes(Bytes bytes) {
    return ByteString.copyFrom(bytes.toArray());
  }

  static KeyEntry entry(KeyValue kv) {
    return new KeyEntry(
        bytes(kv.getKey()),
        bytes(kv.getValue()),
        kv.getCreateRevision(),
        kv.getModRevision(),
        kv.getVersion(),
        kv.getLease());
  }

  static KeyChange change(Event event) {
    return new KeyChange(
        event.getType() == Event.EventType.DELETE ? KeyChange.Kind.DELETE : KeyChange.Kind.PUT,
        entry(event.getKv()));
  }

  static RangeRequest range(Read read) {
    RangeRequest.Builder request =
        RangeRequest.newBuilder()
            .setKey(bytes(read.range().from()))
            .setRangeEnd(bytes(read.range().end()))
            .setLimit(read.limit())
            .setRevision(read.revision())
            .setSerializable(read.isSerializable());
    if (read.createdBefore() != 0) {
      request.setMaxCreateRevision(read.createdBefore() - 1);
    }
    switch (read.order()) {
      case KEY -> {}
      case OLDEST_FIRST -> request.setSortTarget(SortTarget.CREATE).setSortOrder(SortOrder.ASCEND);
      case NEWEST_FIRST -> request.setSortTarget(SortTarget.CREATE).setSortOrder(SortOrder.DESCEND);
    }
    return request.build();
  }

  /** An answer within a transaction carries no revision of its own. */
  static Found found(RangeResponse answer, long revision) {
    return new Found(
        answer.getKvsList().stream().map(Messages::entry).toList(), answer.getCount(), revision);
  }

  static PutRequest put(Put put) {
    return PutRequest.newBuilder()
        .setKey(bytes(put.key()))
        .setValue(bytes(put.value()))
        .setLease(put.leaseId())
        .build();
  }

  static DeleteRangeRequest delete(Delete delete) {
    return DeleteRangeRequest.newBuilder()
        .setKey(bytes(delete.range().from()))
        .setRangeEnd(bytes(delete.range().end()))
        .build();
  }

  static TxnRequest txn(Txn txn) {
    TxnRequest.Builder request = TxnRequest.newBuilder();
    txn.conditions().forEach(condition -> request.addCompare(compare(condition)));
    txn.then().forEach(operation -> request.addSuccess(operation(operation)));
    txn.otherwise().forEach(operation -> request.addFailure(operation(operation)));
    return request.build();
  }

  private static Compare compare(Condition condition) {
    Compare.Builder compare =
        Compare.newBuilder()
            .setKey(bytes(condition.key()))
            .setResult(
                switch (condition.relation()) {
                  case EQUAL -> CompareResult.EQUAL;
                  case NOT_EQUAL -> CompareResult.NOT_EQUAL;
                  case GREATER -> CompareResult.GREATER;
                  case LESS -> CompareResult.LESS;
                });
    long number = condition.number();
    switch (condition.target()) {
      case CREATE_REVISION -> compare.setTarget(CompareTarget.CREATE).setCreateRevision(number);
      case MOD_REVISION -> compare.setTarget(CompareTarget.MOD).setModRevision(number);
      case VERSION -> compare.setTarget(CompareTarget.VERSION).setVersion(number);
      case LEASE -> compare.setTarget(CompareTarget.LEASE).setLease(number);
      case VALUE -> compare.setTarget(CompareTarget.VALUE).setValue(bytes(condition.value()));
    }
    return compare.build();
  }

  private static RequestOp operation(Operation operation) {
    RequestOp.Builder request = RequestOp.newBuilder();
    if (operation instanceof Read read) {
      request.setRequestRange(range(read));
    } else if (operation instanceof Put put) {
      request.setRequestPut(put(put));
    } else if (operation instanceof Delete delete) {
      request.setRequestDeleteRange(delete(delete));
    }
    return request.build();
  }

  static TxnResult result(TxnResponse answer) {
    long revision = answer.getHeader().getRevision();
    return new TxnResult(
        answer.getSucceeded(),
        revision,
        answer.getResponsesList().stream().map(one -> result(one, revision)).toList());
  }

  private static OperationResult result(ResponseOp answer, long revision) {
    return switch (answer.getResponseCase()) {
      case RESPONSE_RANGE -> found(answer.getResponseRange(), revision);
      case RESPONSE_DELETE_RANGE -> new Deleted(answer.getResponseDeleteRange().getDeleted());
      default -> new Written();
    };
  }
}
