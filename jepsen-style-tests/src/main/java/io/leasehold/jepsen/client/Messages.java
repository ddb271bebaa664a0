package io.leasehold.jepsen.client;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.DeleteRangeResponse;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.ResponseOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.TxnResponse;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.List;

/** Requests and answers about keys, between the history's words and etcd's messages. */
final class Messages {
  private Messages() {}

  static ByteString bytes(String text) {
    return ByteString.copyFromUtf8(text);
  }

  static RangeRequest of(Request.Range range) {
    RangeRequest.Builder message =
        RangeRequest.newBuilder()
            .setKey(bytes(range.range().key()))
            .setRangeEnd(end(range.range()))
            .setRevision(range.revision())
            .setSerializable(range.serializable())
            .setLimit(range.limit())
            .setCountOnly(range.countOnly());
    switch (range.order()) {
      case KEY -> {}
      case CREATE_ASCENDING ->
          sort(message, RangeRequest.SortTarget.CREATE, RangeRequest.SortOrder.ASCEND);
      case CREATE_DESCENDING ->
          sort(message, RangeRequest.SortTarget.CREATE, RangeRequest.SortOrder.DESCEND);
      case MOD_ASCENDING ->
          sort(message, RangeRequest.SortTarget.MOD, RangeRequest.SortOrder.ASCEND);
      case MOD_DESCENDING ->
          sort(message, RangeRequest.SortTarget.MOD, RangeRequest.SortOrder.DESCEND);
    }
    return message.build();
  }

  private static void sort(
      RangeRequest.Builder message, RangeRequest.SortTarget by, RangeRequest.SortOrder order) {
    message.setSortTarget(by).setSortOrder(order);
  }

  static ByteString end(KeyRange range) {
    return bytes(range.end());
  }

  static PutRequest of(Request.Put put) {
    return PutRequest.newBuilder()
        .setKey(bytes(put.key()))
        .setValue(bytes(put.value()))
        .setLease(put.leaseId())
        .setPrevKv(put.previous())
        .build();
  }

  static DeleteRangeRequest of(Request.Delete delete) {
    return DeleteRangeRequest.newBuilder()
        .setKey(bytes(delete.range().key()))
        .setRangeEnd(end(delete.range()))
        .setPrevKv(delete.previous())
        .build();
  }

  static TxnRequest of(Request.Txn txn) {
    TxnRequest.Builder message = TxnRequest.newBuilder();
    txn.guards().forEach(guard -> message.addCompare(compare(guard)));
    txn.then().forEach(part -> message.addSuccess(part(part)));
    txn.otherwise().forEach(part -> message.addFailure(part(part)));
    return message.build();
  }

  private static RequestOp part(Request.OnKeys part) {
    RequestOp.Builder message = RequestOp.newBuilder();
    if (part instanceof Request.Range range) {
      message.setRequestRange(of(range));
    } else if (part instanceof Request.Put put) {
      message.setRequestPut(of(put));
    } else if (part instanceof Request.Delete delete) {
      message.setRequestDeleteRange(of(delete));
    } else if (part instanceof Request.Txn txn) {
      message.setRequestTxn(of(txn));
    }
    return message.build();
  }

  private static Compare compare(Request.Guard guard) {
    Compare.Builder message =
        Compare.newBuilder()
            .setKey(bytes(guard.key()))
            .setResult(
                switch (guard.relation()) {
                  case EQUAL -> Compare.CompareResult.EQUAL;
                  case NOT_EQUAL -> Compare.CompareResult.NOT_EQUAL;
                  case LESS -> Compare.CompareResult.LESS;
                  case GREATER -> Compare.CompareResult.GREATER;
                });
    switch (guard.target()) {
      case VERSION -> message.setTarget(Compare.CompareTarget.VERSION).setVersion(guard.number());
      case CREATE ->
          message.setTarget(Compare.CompareTarget.CREATE).setCreateRevision(guard.number());
      case MOD -> message.setTarget(Compare.CompareTarget.MOD).setModRevision(guard.number());
      case VALUE -> message.setTarget(Compare.CompareTarget.VALUE).setValue(bytes(guard.value()));
      case LEASE -> message.setTarget(Compare.CompareTarget.LEASE).setLease(guard.number());
    }
    return message.build();
  }

  static Answer of(RangeResponse message) {
    return new Answer.Ranged(keys(message.getKvsList()), message.getCount(), message.getMore());
  }

  static Answer of(PutResponse message) {
    return new Answer.Written(message.hasPrevKv() ? key(message.getPrevKv()) : null);
  }

  static Answer of(DeleteRangeResponse message) {
    return new Answer.Deleted(message.getDeleted(), keys(message.getPrevKvsList()));
  }

  static Answer of(TxnResponse message) {
    return new Answer.Decided(
        message.getSucceeded(), message.getResponsesList().stream().map(Messages::part).toList());
  }

  private static Answer part(ResponseOp message) {
    return switch (message.getResponseCase()) {
      case RESPONSE_RANGE -> of(message.getResponseRange());
      case RESPONSE_PUT -> of(message.getResponsePut());
      case RESPONSE_DELETE_RANGE -> of(message.getResponseDeleteRange());
      case RESPONSE_TXN -> of(message.getResponseTxn());
      case RESPONSE_NOT_SET -> throw new IllegalArgumentException("an empty part of a transaction");
    };
  }

  private static List<KeyValue> keys(List<io.leasehold.api.mvccpb.KeyValue> messages) {
    return messages.stream().map(Messages::key).toList();
  }

  private static KeyValue key(io.leasehold.api.mvccpb.KeyValue message) {
    return new KeyValue(
        message.getKey().toStringUtf8(),
        message.getValue().toStringUtf8(),
        message.getCreateRevision(),
        message.getModRevision(),
        message.getVersion(),
        message.getLease());
  }

  static Event event(io.leasehold.api.mvccpb.Event message) {
    return new Event(
        message.getType() == io.leasehold.api.mvccpb.Event.EventType.PUT
            ? Event.Type.PUT
            : Event.Type.DELETE,
        key(message.getKv()),
        message.hasPrevKv() ? key(message.getPrevKv()) : null);
  }
}
