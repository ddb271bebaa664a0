package io.leasehold.core.key;

import io.leasehold.core.key.RangeQuery.SortOrder;
import io.leasehold.core.key.RangeQuery.SortTarget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Answers range queries, for the state machine and for whoever serves reads. Any thread that has a
 * view to itself.
 *
 * <p>A query with a limit keeps no more keys in memory than the limit says, whatever it sorts by,
 * and none keeps more than its budget.
 */
public final class RangeQueries {
  private RangeQueries() {}

  /**
   * Tells why a query cannot be answered from a view.
   *
   * @return null when it can
   */
  public static @Nullable KeyRefusal refusal(RangeView view, RangeQuery query) {
    if (query.revision() <= 0) {
      return null;
    }
    if (query.revision() > view.revision()) {
      return KeyRefusal.FUTURE_REVISION;
    }
    return query.revision() < view.compactedRevision() ? KeyRefusal.COMPACTED : null;
  }

  /**
   * Answers a query for which {@link #refusal} found nothing against it.
   *
   * @param budget has to have room for the keys that are kept
   * @return null when the budget does not suffice
   */
  public static OpResult.@Nullable Range answer(
      RangeView view, RangeQuery query, AnswerBudget budget) {
    long revision = query.revision() <= 0 ? view.revision() : query.revision();
    if (query.range().isEmpty()) {
      return new OpResult.Range(List.of(), 0, false);
    }
    if (query.countOnly()) {
      return new OpResult.Range(List.of(), view.count(query.range(), revision), false);
    }
    Comparator<KeyValue> order = order(query);
    return order == null
        ? inOrderOfKeys(view, query, revision, budget)
        : sorted(view, query, revision, order, budget);
  }

  /** Visits the keys of a range; of one key without looking for others. */
  static void visit(
      RangeView view, KeyRange range, long revision, KeyView.Visitor<KeyValue> visitor) {
    if (range.isSingle()) {
      KeyValue only = view.get(range.first(), revision);
      if (only != null) {
        visitor.visit(only);
      }
    } else if (!range.isEmpty()) {
      view.forEach(range, revision, visitor);
    }
  }

  /** Ends the visit with the first key beyond the limit. */
  private static OpResult.@Nullable Range inOrderOfKeys(
      RangeView view, RangeQuery query, long revision, AnswerBudget budget) {
    Found found = new Found();
    List<KeyValue> kept = new ArrayList<>();
    visit(
        view,
        query.range(),
        revision,
        keyValue -> {
          found.count++;
          if (!passes(query, keyValue)) {
            return true;
          }
          if (kept.size() == limit(query)) {
            found.more = true;
            return false;
          }
          return keep(kept, asked(query, keyValue), budget, found);
        });
    if (found.isTooLarge) {
      return null;
    }
    long count = found.more ? view.count(query.range(), revision) : found.count;
    return new OpResult.Range(kept, count, found.more);
  }

  private static OpResult.@Nullable Range sorted(
      RangeView view,
      RangeQuery query,
      long revision,
      Comparator<KeyValue> order,
      AnswerBudget budget) {
    boolean sortsValues = query.sortTarget() == SortTarget.VALUE;
    Found found = new Found();
    // The last of those kept is on top, to be dropped when one comes that goes before it.
    PriorityQueue<KeyValue> kept = new PriorityQueue<>(order.reversed());
    visit(
        view,
        query.range(),
        revision,
        keyValue -> {
          found.count++;
          if (!passes(query, keyValue)) {
            return true;
          }
          boolean goesOn =
              keep(kept, sortsValues ? keyValue : asked(query, keyValue), budget, found);
          if (kept.size() > limit(query)) {
            budget.giveBack(AnswerBudget.sizeOf(kept.remove()));
            found.more = true;
          }
          return goesOn;
        });
    if (found.isTooLarge) {
      return null;
    }
    List<KeyValue> keyValues = new ArrayList<>(kept.size());
    while (!kept.isEmpty()) {
      keyValues.add(asked(query, kept.remove()));
    }
    Collections.reverse(keyValues);
    return new OpResult.Range(keyValues, found.count, found.more);
  }

  /** Returns false when the budget has no room for another key: then the visit is over. */
  private static boolean keep(
      Collection<KeyValue> kept, KeyValue keyValue, AnswerBudget budget, Found found) {
    if (!budget.take(AnswerBudget.sizeOf(keyValue))) {
      found.isTooLarge = true;
      return false;
    }
    kept.add(keyValue);
    return true;
  }

  /** Returns how to sort, or null when the order of keys is what is wanted. */
  private static @Nullable Comparator<KeyValue> order(RangeQuery query) {
    boolean descends = query.sortOrder() == SortOrder.DESCEND;
    Comparator<KeyValue> byKey = Comparator.comparing(KeyValue::key);
    if (query.sortTarget() == SortTarget.KEY) {
      return descends ? byKey.reversed() : null;
    }
    Comparator<KeyValue> byTarget =
        switch (query.sortTarget()) {
          case KEY -> byKey;
          case VERSION -> Comparator.comparingLong(KeyValue::version);
          case CREATE -> Comparator.comparingLong(KeyValue::createRevision);
          case MOD -> Comparator.comparingLong(KeyValue::modRevision);
          case VALUE -> Comparator.comparing(KeyValue::value);
        };
    return (descends ? byTarget.reversed() : byTarget).thenComparing(byKey);
  }

  private static boolean passes(RangeQuery query, KeyValue keyValue) {
    return isWithin(keyValue.modRevision(), query.minModRevision(), query.maxModRevision())
        && isWithin(
            keyValue.createRevision(), query.minCreateRevision(), query.maxCreateRevision());
  }

  private static boolean isWithin(long revision, long min, long max) {
    return (min == 0 || revision >= min) && (max == 0 || revision <= max);
  }

  private static long limit(RangeQuery query) {
    return query.limit() <= 0 ? Long.MAX_VALUE : query.limit();
  }

  private static KeyValue asked(RangeQuery query, KeyValue keyValue) {
    return query.keysOnly() ? keyValue.withoutValue() : keyValue;
  }

  /** What a visit counts. */
  private static final class Found {
    long count;
    boolean more;
    boolean isTooLarge;
  }
}
