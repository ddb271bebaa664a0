package io.leasehold.server.recipe;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.Comparison;
import io.leasehold.core.key.Comparison.Relation;
import io.leasehold.core.key.Comparison.Target;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.RangeQuery.SortOrder;
import io.leasehold.core.key.RangeQuery.SortTarget;
import io.leasehold.core.key.Txn;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a line and the questions to ask about it, in the form that etcd's own clients use, so
 * that they can stand in the same line.
 *
 * @param prefix the line's name and a slash
 */
record Line(Bytes prefix) {
  static Line named(Bytes name) {
    byte[] prefix = Arrays.copyOf(name.array(), name.length() + 1);
    prefix[name.length()] = '/';
    return new Line(Bytes.wrap(prefix));
  }

  /** Returns the key of a lease: its ID in lower-case hexadecimal, with a sign when negative. */
  Bytes keyOf(long leaseId) {
    byte[] id = Bytes.utf8(Long.toString(leaseId, 16)).array();
    byte[] key = Arrays.copyOf(prefix.array(), prefix.length() + id.length);
    System.arraycopy(id, 0, key, prefix.length(), id.length);
    return Bytes.wrap(key);
  }

  /**
   * Returns the transaction that takes a place, or writes the place anew that was taken before. It
   * answers, after the write, who stands before a place that is new: nobody or one; or else what
   * stands at the old one, and who is first.
   */
  Txn entering(Bytes key, long leaseId, Bytes value) {
    Op write = new Op.Put(key, value, leaseId, false, false, false);
    return new Txn(
        List.of(createdAt(key, 0)),
        // Whoever has just come stands behind all others.
        List.of(write, new Op.Range(byCreation(SortOrder.DESCEND, 2))),
        List.of(
            write,
            new Op.Range(RangeQuery.all(KeyRange.single(key))),
            new Op.Range(byCreation(SortOrder.ASCEND, 1))));
  }

  /** Returns the condition that a key was created at a revision; 0 when there is none. */
  static Comparison createdAt(Bytes key, long createRevision) {
    return new Comparison(
        KeyRange.single(key), Target.CREATE, Relation.EQUAL, createRevision, Bytes.EMPTY);
  }

  /** Returns the condition that a key was last written at a revision. */
  static Comparison writtenAt(Bytes key, long modRevision) {
    return new Comparison(
        KeyRange.single(key), Target.MOD, Relation.EQUAL, modRevision, Bytes.EMPTY);
  }

  private RangeQuery byCreation(SortOrder order, int limit) {
    return new RangeQuery(range(), 0, limit, SortTarget.CREATE, order, 0, 0, 0, 0, false, false);
  }

  KeyRange range() {
    return KeyRange.prefix(prefix);
  }

  /** Returns who is first in line at a revision of the view; null when nobody is. */
  @Nullable KeyValue first(KeyView view, long revision) {
    AtomicReference<@Nullable KeyValue> first = new AtomicReference<>();
    view.forEach(
        range(),
        revision,
        candidate -> {
          KeyValue known = first.get();
          if (known == null || candidate.createRevision() < known.createRevision()) {
            first.set(candidate);
          }
          return true;
        });
    return first.get();
  }

  /** Returns who stands just before a key that was created at a revision; null when it is first. */
  @Nullable KeyValue before(KeyView view, long createRevision) {
    AtomicReference<@Nullable KeyValue> last = new AtomicReference<>();
    view.forEach(
        range(),
        view.revision(),
        candidate -> {
          KeyValue known = last.get();
          if (candidate.createRevision() < createRevision
              && (known == null || candidate.createRevision() > known.createRevision())) {
            last.set(candidate);
          }
          return true;
        });
    return last.get();
  }
}
