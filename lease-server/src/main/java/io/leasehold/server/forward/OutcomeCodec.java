package io.leasehold.server.forward;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.OpResult;
import io.leasehold.core.key.TxnResult;
import io.leasehold.raft.proto.v1.ForwardedAlarmSet;
import io.leasehold.raft.proto.v1.ForwardedCompacted;
import io.leasehold.raft.proto.v1.ForwardedDeleteRange;
import io.leasehold.raft.proto.v1.ForwardedKeyValue;
import io.leasehold.raft.proto.v1.ForwardedKeysRefused;
import io.leasehold.raft.proto.v1.ForwardedKeysRefused.Why;
import io.leasehold.raft.proto.v1.ForwardedOpResult;
import io.leasehold.raft.proto.v1.ForwardedOutcome;
import io.leasehold.raft.proto.v1.ForwardedPut;
import io.leasehold.raft.proto.v1.ForwardedRange;
import io.leasehold.raft.proto.v1.ForwardedTransacted;
import io.leasehold.raft.proto.v1.ForwardedTxnResult;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates what applying a command answered to and from the bytes that travel to the member that
 * asked. Stateless; any thread.
 */
final class OutcomeCodec {
  private OutcomeCodec() {}

  static ByteString encode(Outcome outcome) {
    ForwardedOutcome.Builder message = ForwardedOutcome.newBuilder();
    if (outcome instanceof Outcome.Transacted transacted) {
      message.setTransacted(
          ForwardedTransacted.newBuilder()
              .setRevision(transacted.revision())
              .setResult(message(transacted.result())));
    } else if (outcome instanceof Outcome.Compacted compacted) {
      message.setCompacted(
          ForwardedCompacted.newBuilder()
              .setCompactedRevision(compacted.compactedRevision())
              .setRevision(compacted.revision()));
    } else if (outcome instanceof Outcome.KeysRefused refused) {
      message.setKeysRefused(
          ForwardedKeysRefused.newBuilder()
              .setWhy(message(refused.why()))
              .setRevision(refused.revision()));
    } else if (outcome instanceof Outcome.AlarmSet set) {
      message.setAlarmSet(ForwardedAlarmSet.newBuilder().setChanged(set.changed()));
    } else {
      throw new IllegalArgumentException("no message for " + outcome);
    }
    return message.build().toByteString();
  }

  /**
   * @throws InvalidProtocolBufferException when the bytes hold no outcome that this version knows
   */
  static Outcome decode(ByteString bytes) throws InvalidProtocolBufferException {
    ForwardedOutcome message = ForwardedOutcome.parseFrom(bytes);
    return switch (message.getOutcomeCase()) {
      case TRANSACTED ->
          new Outcome.Transacted(
              message.getTransacted().getRevision(), result(message.getTransacted().getResult()));
      case COMPACTED ->
          new Outcome.Compacted(
              message.getCompacted().getCompactedRevision(), message.getCompacted().getRevision());
      case KEYS_REFUSED ->
          new Outcome.KeysRefused(
              why(message.getKeysRefused().getWhy()), message.getKeysRefused().getRevision());
      case ALARM_SET -> new Outcome.AlarmSet(message.getAlarmSet().getChanged());
      case OUTCOME_NOT_SET -> throw unknown();
    };
  }

  private static ForwardedTxnResult message(TxnResult result) {
    ForwardedTxnResult.Builder message =
        ForwardedTxnResult.newBuilder().setSucceeded(result.succeeded());
    for (OpResult operation : result.results()) {
      message.addResults(message(operation));
    }
    return message.build();
  }

  private static ForwardedOpResult message(OpResult operation) {
    ForwardedOpResult.Builder message = ForwardedOpResult.newBuilder();
    if (operation instanceof OpResult.Range range) {
      ForwardedRange.Builder answer =
          ForwardedRange.newBuilder().setCount(range.count()).setMore(range.more());
      range.keyValues().forEach(keyValue -> answer.addKeyValues(message(keyValue)));
      message.setRange(answer);
    } else if (operation instanceof OpResult.Put put) {
      ForwardedPut.Builder answer = ForwardedPut.newBuilder();
      KeyValue previous = put.previous();
      if (previous != null) {
        answer.setPrevious(message(previous));
      }
      message.setPut(answer);
    } else if (operation instanceof OpResult.DeleteRange delete) {
      ForwardedDeleteRange.Builder answer =
          ForwardedDeleteRange.newBuilder().setCount(delete.count());
      delete.previous().forEach(keyValue -> answer.addPrevious(message(keyValue)));
      message.setDeleteRange(answer);
    } else if (operation instanceof OpResult.Nested nested) {
      message.setNested(message(nested.result()));
    }
    return message.build();
  }

  private static ForwardedKeyValue message(KeyValue keyValue) {
    return ForwardedKeyValue.newBuilder()
        .setKey(UnsafeByteOperations.unsafeWrap(keyValue.key().array()))
        .setValue(UnsafeByteOperations.unsafeWrap(keyValue.value().array()))
        .setCreateRevision(keyValue.createRevision())
        .setModRevision(keyValue.modRevision())
        .setVersion(keyValue.version())
        .setLeaseId(keyValue.leaseId())
        .build();
  }

  private static Why message(KeyRefusal refusal) {
    return switch (refusal) {
      case LEASE_NOT_FOUND -> Why.LEASE_NOT_FOUND;
      case KEY_NOT_FOUND -> Why.KEY_NOT_FOUND;
      case COMPACTED -> Why.COMPACTED;
      case FUTURE_REVISION -> Why.FUTURE_REVISION;
      case TOO_LARGE -> Why.TOO_LARGE;
      case TOO_MUCH_AT_ONCE -> Why.TOO_MUCH_AT_ONCE;
      case NO_SPACE -> Why.NO_SPACE;
      case CORRUPT -> Why.CORRUPT;
    };
  }

  private static KeyRefusal why(Why why) throws InvalidProtocolBufferException {
    return switch (why) {
      case LEASE_NOT_FOUND -> KeyRefusal.LEASE_NOT_FOUND;
      case KEY_NOT_FOUND -> KeyRefusal.KEY_NOT_FOUND;
      case COMPACTED -> KeyRefusal.COMPACTED;
      case FUTURE_REVISION -> KeyRefusal.FUTURE_REVISION;
      case TOO_LARGE -> KeyRefusal.TOO_LARGE;
      case TOO_MUCH_AT_ONCE -> KeyRefusal.TOO_MUCH_AT_ONCE;
      case NO_SPACE -> KeyRefusal.NO_SPACE;
      case CORRUPT -> KeyRefusal.CORRUPT;
      case WHY_UNSPECIFIED, UNRECOGNIZED -> throw unknown();
    };
  }

  private static TxnResult result(ForwardedTxnResult message)
      throws InvalidProtocolBufferException {
    List<OpResult> results = new ArrayList<>(message.getResultsCount());
    for (ForwardedOpResult operation : message.getResultsList()) {
      results.add(result(operation));
    }
    return new TxnResult(message.getSucceeded(), results);
  }

  private static OpResult result(ForwardedOpResult message) throws InvalidProtocolBufferException {
    return switch (message.getResultCase()) {
      case RANGE ->
          new OpResult.Range(
              keyValues(message.getRange().getKeyValuesList()),
              message.getRange().getCount(),
              message.getRange().getMore());
      case PUT ->
          new OpResult.Put(
              message.getPut().hasPrevious() ? keyValue(message.getPut().getPrevious()) : null);
      case DELETE_RANGE ->
          new OpResult.DeleteRange(
              message.getDeleteRange().getCount(),
              keyValues(message.getDeleteRange().getPreviousList()));
      case NESTED -> new OpResult.Nested(result(message.getNested()));
      case RESULT_NOT_SET -> throw unknown();
    };
  }

  private static List<KeyValue> keyValues(List<ForwardedKeyValue> messages) {
    List<KeyValue> keyValues = new ArrayList<>(messages.size());
    for (ForwardedKeyValue message : messages) {
      keyValues.add(keyValue(message));
    }
    return keyValues;
  }

  private static KeyValue keyValue(ForwardedKeyValue message) {
    return new KeyValue(
        Bytes.wrap(message.getKey().toByteArray()),
        Bytes.wrap(message.getValue().toByteArray()),
        message.getCreateRevision(),
        message.getModRevision(),
        message.getVersion(),
        message.getLeaseId());
  }

  private static InvalidProtocolBufferException unknown() {
    return new InvalidProtocolBufferException("an outcome that this version does not know");
  }
}
