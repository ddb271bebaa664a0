package io.leasehold.raft.propose;

import io.leasehold.core.command.Command;
import io.leasehold.core.key.Comparison;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import java.util.List;

/**
 * What a command counts for in an entry of the log, by estimate.
 *
 * @param weight 1, and more for commands with many IDs or operations, which are batches already
 * @param bytes what it takes in the entry
 */
record CommandSize(int weight, int bytes) {
  private static final int COMMAND_BYTES = 32;
  private static final int ID_BYTES = 16;
  private static final int PARTS_PER_WEIGHT = 64;

  /** Commands with one ID, which are most. */
  private static final CommandSize ONE_ID = ofIds(1);

  static CommandSize of(Command command) {
    if (command instanceof Command.Revoke revoke) {
      return ofIds(revoke.leaseIds().size());
    } else if (command instanceof Command.Checkpoint checkpoint) {
      return ofIds(checkpoint.leaseIds().size());
    } else if (command instanceof Command.Transact transact) {
      return new CommandSize(
          1 + parts(transact.txn()) / PARTS_PER_WEIGHT, COMMAND_BYTES + bytes(transact.txn()));
    }
    return ONE_ID;
  }

  private static CommandSize ofIds(int ids) {
    return new CommandSize(1 + ids / PARTS_PER_WEIGHT, COMMAND_BYTES + ID_BYTES * ids);
  }

  private static int parts(Txn txn) {
    return txn.comparisons().size() + parts(txn.success()) + parts(txn.failure());
  }

  private static int parts(List<Op> ops) {
    int parts = 0;
    for (Op op : ops) {
      parts += op instanceof Op.Nested nested ? 1 + parts(nested.txn()) : 1;
    }
    return parts;
  }

  private static int bytes(Txn txn) {
    int bytes = 0;
    for (Comparison comparison : txn.comparisons()) {
      bytes += COMMAND_BYTES + bytes(comparison.range()) + comparison.value().length();
    }
    return bytes + bytes(txn.success()) + bytes(txn.failure());
  }

  private static int bytes(List<Op> ops) {
    int bytes = 0;
    for (Op op : ops) {
      bytes += COMMAND_BYTES + bytes(op);
    }
    return bytes;
  }

  private static int bytes(Op op) {
    if (op instanceof Op.Put put) {
      return put.key().length() + put.value().length();
    } else if (op instanceof Op.Range range) {
      return bytes(range.query().range());
    } else if (op instanceof Op.DeleteRange delete) {
      return bytes(delete.range());
    } else if (op instanceof Op.Nested nested) {
      return bytes(nested.txn());
    }
    throw new IllegalStateException("no size for " + op);
  }

  private static int bytes(KeyRange range) {
    return range.first().length() + (range.end() == null ? 0 : range.end().length());
  }
}
