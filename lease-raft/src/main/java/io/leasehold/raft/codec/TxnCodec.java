package io.leasehold.raft.codec;

import static io.leasehold.raft.codec.EntryCodec.newer;
import static io.leasehold.raft.codec.EntryCodec.requireKnownFields;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.Comparison;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.Txn;
import io.leasehold.raft.proto.v1.ComparisonRecord;
import io.leasehold.raft.proto.v1.ComparisonRelationRecord;
import io.leasehold.raft.proto.v1.ComparisonTargetRecord;
import io.leasehold.raft.proto.v1.DeleteRangeOpRecord;
import io.leasehold.raft.proto.v1.KeyRangeRecord;
import io.leasehold.raft.proto.v1.OpRecord;
import io.leasehold.raft.proto.v1.PutOpRecord;
import io.leasehold.raft.proto.v1.RangeOpRecord;
import io.leasehold.raft.proto.v1.SortOrderRecord;
import io.leasehold.raft.proto.v1.SortTargetRecord;
import io.leasehold.raft.proto.v1.TxnRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates between transactions and their records in the log. Keys and values are wrapped, not
 * copied, on the way in, and copied once on the way out. Stateless; any thread.
 */
final class TxnCodec {
  private TxnCodec() {}

  // ---------------------------------------------------------------- into the log

  static TxnRecord record(Txn txn) {
    TxnRecord.Builder record = TxnRecord.newBuilder();
    txn.comparisons().forEach(comparison -> record.addComparisons(record(comparison)));
    txn.success().forEach(op -> record.addSuccess(record(op)));
    txn.failure().forEach(op -> record.addFailure(record(op)));
    return record.build();
  }

  private static ComparisonRecord record(Comparison comparison) {
    ComparisonRecord.Builder record =
        ComparisonRecord.newBuilder()
            .setRange(record(comparison.range()))
            .setTarget(
                switch (comparison.target()) {
                  case VERSION -> ComparisonTargetRecord.COMPARISON_TARGET_VERSION;
                  case CREATE -> ComparisonTargetRecord.COMPARISON_TARGET_CREATE;
                  case MOD -> ComparisonTargetRecord.COMPARISON_TARGET_MOD;
                  case VALUE -> ComparisonTargetRecord.COMPARISON_TARGET_VALUE;
                  case LEASE -> ComparisonTargetRecord.COMPARISON_TARGET_LEASE;
                })
            .setRelation(
                switch (comparison.relation()) {
                  case EQUAL -> ComparisonRelationRecord.COMPARISON_RELATION_EQUAL;
                  case GREATER -> ComparisonRelationRecord.COMPARISON_RELATION_GREATER;
                  case LESS -> ComparisonRelationRecord.COMPARISON_RELATION_LESS;
                  case NOT_EQUAL -> ComparisonRelationRecord.COMPARISON_RELATION_NOT_EQUAL;
                })
            .setValue(wrap(comparison.value()));
    return comparison.target() == Comparison.Target.LEASE
        ? record.setLeaseId(comparison.number()).build()
        : record.setNumber(comparison.number()).build();
  }

  private static OpRecord record(Op op) {
    OpRecord.Builder record = OpRecord.newBuilder();
    if (op instanceof Op.Range range) {
      record.setRange(record(range.query()));
    } else if (op instanceof Op.Put put) {
      record.setPut(
          PutOpRecord.newBuilder()
              .setKey(wrap(put.key()))
              .setValue(wrap(put.value()))
              .setLeaseId(put.leaseId())
              .setKeepsValue(put.keepsValue())
              .setKeepsLease(put.keepsLease())
              .setWantsPrevious(put.wantsPrevious()));
    } else if (op instanceof Op.DeleteRange delete) {
      record.setDeleteRange(
          DeleteRangeOpRecord.newBuilder()
              .setRange(record(delete.range()))
              .setWantsPrevious(delete.wantsPrevious()));
    } else if (op instanceof Op.Nested nested) {
      record.setNested(record(nested.txn()));
    } else {
      throw new IllegalStateException("no record for " + op);
    }
    return record.build();
  }

  private static RangeOpRecord record(RangeQuery query) {
    return RangeOpRecord.newBuilder()
        .setRange(record(query.range()))
        .setRevision(query.revision())
        .setLimit(query.limit())
        .setSortTarget(
            switch (query.sortTarget()) {
              case KEY -> SortTargetRecord.SORT_TARGET_KEY;
              case VERSION -> SortTargetRecord.SORT_TARGET_VERSION;
              case CREATE -> SortTargetRecord.SORT_TARGET_CREATE;
              case MOD -> SortTargetRecord.SORT_TARGET_MOD;
              case VALUE -> SortTargetRecord.SORT_TARGET_VALUE;
            })
        .setSortOrder(
            switch (query.sortOrder()) {
              case NONE -> SortOrderRecord.SORT_ORDER_NONE;
              case ASCEND -> SortOrderRecord.SORT_ORDER_ASCEND;
              case DESCEND -> SortOrderRecord.SORT_ORDER_DESCEND;
            })
        .setMinModRevision(query.minModRevision())
        .setMaxModRevision(query.maxModRevision())
        .setMinCreateRevision(query.minCreateRevision())
        .setMaxCreateRevision(query.maxCreateRevision())
        .setKeysOnly(query.keysOnly())
        .setCountOnly(query.countOnly())
        .build();
  }

  private static KeyRangeRecord record(KeyRange range) {
    KeyRangeRecord.Builder record = KeyRangeRecord.newBuilder().setFirst(wrap(range.first()));
    Bytes end = range.end();
    if (end != null) {
      record.setEnd(wrap(end));
    }
    return record.build();
  }

  private static ByteString wrap(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.array());
  }

  // ---------------------------------------------------------------- out of the log

  static Txn txn(TxnRecord record) throws CorruptEntryException {
    requireKnownFields(record);
    List<Comparison> comparisons = new ArrayList<>(record.getComparisonsCount());
    for (ComparisonRecord comparison : record.getComparisonsList()) {
      comparisons.add(comparison(comparison));
    }
    return new Txn(comparisons, ops(record.getSuccessList()), ops(record.getFailureList()));
  }

  private static Comparison comparison(ComparisonRecord record) throws CorruptEntryException {
    requireKnownFields(record);
    Comparison.Target target =
        switch (record.getTarget()) {
          case COMPARISON_TARGET_VERSION -> Comparison.Target.VERSION;
          case COMPARISON_TARGET_CREATE -> Comparison.Target.CREATE;
          case COMPARISON_TARGET_MOD -> Comparison.Target.MOD;
          case COMPARISON_TARGET_VALUE -> Comparison.Target.VALUE;
          case COMPARISON_TARGET_LEASE -> Comparison.Target.LEASE;
          default -> throw newer("the comparison target " + record.getTargetValue());
        };
    Comparison.Relation relation =
        switch (record.getRelation()) {
          case COMPARISON_RELATION_EQUAL -> Comparison.Relation.EQUAL;
          case COMPARISON_RELATION_GREATER -> Comparison.Relation.GREATER;
          case COMPARISON_RELATION_LESS -> Comparison.Relation.LESS;
          case COMPARISON_RELATION_NOT_EQUAL -> Comparison.Relation.NOT_EQUAL;
          default -> throw newer("the relation " + record.getRelationValue());
        };
    long number = target == Comparison.Target.LEASE ? record.getLeaseId() : record.getNumber();
    return new Comparison(
        range(record.getRange()), target, relation, number, bytes(record.getValue()));
  }

  private static List<Op> ops(List<OpRecord> records) throws CorruptEntryException {
    List<Op> ops = new ArrayList<>(records.size());
    for (OpRecord record : records) {
      requireKnownFields(record);
      ops.add(op(record));
    }
    return ops;
  }

  private static Op op(OpRecord record) throws CorruptEntryException {
    return switch (record.getOpCase()) {
      case RANGE -> new Op.Range(query(record.getRange()));
      case PUT -> put(record.getPut());
      case DELETE_RANGE -> {
        requireKnownFields(record.getDeleteRange());
        yield new Op.DeleteRange(
            range(record.getDeleteRange().getRange()), record.getDeleteRange().getWantsPrevious());
      }
      case NESTED -> new Op.Nested(txn(record.getNested()));
      case OP_NOT_SET -> throw newer("an operation of an unknown kind");
    };
  }

  private static Op put(PutOpRecord put) throws CorruptEntryException {
    requireKnownFields(put);
    return new Op.Put(
        bytes(put.getKey()),
        bytes(put.getValue()),
        put.getLeaseId(),
        put.getKeepsValue(),
        put.getKeepsLease(),
        put.getWantsPrevious());
  }

  private static RangeQuery query(RangeOpRecord record) throws CorruptEntryException {
    requireKnownFields(record);
    RangeQuery.SortTarget target =
        switch (record.getSortTarget()) {
          case SORT_TARGET_KEY -> RangeQuery.SortTarget.KEY;
          case SORT_TARGET_VERSION -> RangeQuery.SortTarget.VERSION;
          case SORT_TARGET_CREATE -> RangeQuery.SortTarget.CREATE;
          case SORT_TARGET_MOD -> RangeQuery.SortTarget.MOD;
          case SORT_TARGET_VALUE -> RangeQuery.SortTarget.VALUE;
          default -> throw newer("the sort target " + record.getSortTargetValue());
        };
    RangeQuery.SortOrder order =
        switch (record.getSortOrder()) {
          case SORT_ORDER_NONE -> RangeQuery.SortOrder.NONE;
          case SORT_ORDER_ASCEND -> RangeQuery.SortOrder.ASCEND;
          case SORT_ORDER_DESCEND -> RangeQuery.SortOrder.DESCEND;
          default -> throw newer("the sort order " + record.getSortOrderValue());
        };
    return new RangeQuery(
        range(record.getRange()),
        record.getRevision(),
        record.getLimit(),
        target,
        order,
        record.getMinModRevision(),
        record.getMaxModRevision(),
        record.getMinCreateRevision(),
        record.getMaxCreateRevision(),
        record.getKeysOnly(),
        record.getCountOnly());
  }

  private static KeyRange range(KeyRangeRecord record) throws CorruptEntryException {
    requireKnownFields(record);
    return new KeyRange(bytes(record.getFirst()), record.hasEnd() ? bytes(record.getEnd()) : null);
  }

  private static Bytes bytes(ByteString bytes) {
    return Bytes.wrap(bytes.toByteArray());
  }
}
