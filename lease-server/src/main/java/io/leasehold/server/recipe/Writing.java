package io.leasehold.server.recipe;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import java.util.List;

/** Transactions on a place that take effect only while it is the one that was meant. */
public final class Writing {
  private Writing() {}

  /** Returns the transaction that publishes a value with a place. */
  public static Txn whileCreatedAt(Bytes key, long createRevision, long leaseId, Bytes value) {
    return new Txn(
        List.of(Line.createdAt(key, createRevision)),
        List.of(new Op.Put(key, value, leaseId, false, false, false)),
        List.of());
  }

  /** Returns the transaction that writes a place anew and leaves its value. */
  static Txn again(Bytes key, long createRevision, long leaseId) {
    return new Txn(
        List.of(Line.createdAt(key, createRevision)),
        List.of(new Op.Put(key, Bytes.EMPTY, leaseId, true, false, false)),
        List.of());
  }

  /** Returns the transaction that gives a place up if nobody wrote it after that revision. */
  static Txn leavingUnlessRewritten(Bytes key, long modRevision) {
    return new Txn(
        List.of(Line.writtenAt(key, modRevision)),
        List.of(new Op.DeleteRange(KeyRange.single(key), false)),
        List.of());
  }

  /** Returns the transaction that gives a place up. */
  public static Txn leaving(Bytes key, long createRevision) {
    return new Txn(
        List.of(Line.createdAt(key, createRevision)),
        List.of(new Op.DeleteRange(KeyRange.single(key), false)),
        List.of());
  }
}
