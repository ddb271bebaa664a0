package io.leasehold.raft.storage;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Leases whose end the rows may not know of yet. No two have one ID: before a lease takes the ID of
 * another, that one is swept. Immutable.
 */
final class EndedLeases {
  /**
   * Leases that may wait to be swept. Each adds 16 bytes to every commit and to what every reading
   * begins with, some microseconds for all of them; with more of them their keys are deleted at
   * once, which leaves the same rows in the end.
   */
  static final int UNSWEPT_MAX = 512;

  static final EndedLeases NONE = new EndedLeases(List.of());

  /** Up to so many it is quicker to look at all than to make a table of them. */
  private static final int LOOKED_AT_MAX = 8;

  private final List<EndedLease> inOrder;

  /** By ID; made when somebody asks for many keys, which nobody may do before the next commit. */
  private volatile @Nullable Map<Long, EndedLease> byId;

  private EndedLeases(List<EndedLease> inOrder) {
    this.inOrder = inOrder;
  }

  /**
   * @param inOrder in order of revisions
   */
  static EndedLeases of(Collection<EndedLease> inOrder) {
    return inOrder.isEmpty() ? NONE : new EndedLeases(List.copyOf(inOrder));
  }

  /** Returns them in order of revisions. */
  List<EndedLease> inOrder() {
    return inOrder;
  }

  boolean isEmpty() {
    return inOrder.isEmpty();
  }

  int size() {
    return inOrder.size();
  }

  /** Returns these and one that ended after them. */
  EndedLeases with(EndedLease last) {
    List<EndedLease> more = new ArrayList<>(inOrder.size() + 1);
    more.addAll(inOrder);
    more.add(last);
    return of(more);
  }

  /** Returns these without those that are swept. */
  EndedLeases without(Set<EndedLease> swept) {
    if (inOrder.isEmpty() || swept.isEmpty()) {
      return this; // as nearly always
    }
    List<EndedLease> rest = inOrder.stream().filter(lease -> !swept.contains(lease)).toList();
    return rest.size() == inOrder.size() ? this : of(rest);
  }

  /** Returns the one with an ID, or null. Looks at all: for questions that are few. */
  @Nullable EndedLease find(long leaseId) {
    for (EndedLease lease : inOrder) {
      if (lease.leaseId() == leaseId) {
        return lease;
      }
    }
    return null;
  }

  /** As {@link #find}, for each key of many. */
  @Nullable EndedLease leaseOf(long keyLeaseId) {
    if (keyLeaseId == 0 || inOrder.isEmpty()) {
      return null;
    }
    if (inOrder.size() <= LOOKED_AT_MAX) {
      return find(keyLeaseId);
    }
    Map<Long, EndedLease> table = byId;
    if (table == null) {
      table = new HashMap<>(inOrder.size() * 2);
      for (EndedLease lease : inOrder) {
        table.put(lease.leaseId(), lease);
      }
      byId = table;
    }
    return table.get(keyLeaseId);
  }

  /** As {@link EndedLease#took}, of any of them. */
  boolean took(long keyLeaseId, long modRevision, long atRevision) {
    EndedLease lease = leaseOf(keyLeaseId);
    return lease != null && lease.took(keyLeaseId, modRevision, atRevision);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof EndedLeases leases && inOrder.equals(leases.inOrder);
  }

  @Override
  public int hashCode() {
    return inOrder.hashCode();
  }

  @Override
  public String toString() {
    return inOrder.toString();
  }
}
