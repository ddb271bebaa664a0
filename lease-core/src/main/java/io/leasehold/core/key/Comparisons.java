package io.leasehold.core.key;

import io.leasehold.core.key.Comparison.Target;
import java.util.List;

/** Decides whether comparisons hold. */
final class Comparisons {
  private Comparisons() {}

  /** Tells whether all of them hold of the newest keys in a view. */
  static boolean hold(RangeView view, List<Comparison> comparisons) {
    for (Comparison comparison : comparisons) {
      if (!holds(view, comparison)) {
        return false;
      }
    }
    return true;
  }

  private static boolean holds(RangeView view, Comparison comparison) {
    Seen seen = new Seen();
    RangeQueries.visit(
        view,
        comparison.range(),
        view.revision(),
        keyValue -> {
          seen.any = true;
          seen.allHold = holds(comparison, keyValue);
          return seen.allHold;
        });
    return seen.any ? seen.allHold : holdsOfNoKey(comparison);
  }

  private static boolean holds(Comparison comparison, KeyValue keyValue) {
    int order =
        switch (comparison.target()) {
          case VERSION -> Long.compare(keyValue.version(), comparison.number());
          case CREATE -> Long.compare(keyValue.createRevision(), comparison.number());
          case MOD -> Long.compare(keyValue.modRevision(), comparison.number());
          case LEASE -> Long.compare(keyValue.leaseId(), comparison.number());
          case VALUE -> keyValue.value().compareTo(comparison.value());
        };
    return isAsWanted(comparison, order);
  }

  private static boolean holdsOfNoKey(Comparison comparison) {
    return comparison.target() != Target.VALUE
        && isAsWanted(comparison, Long.compare(0, comparison.number()));
  }

  private static boolean isAsWanted(Comparison comparison, int order) {
    return switch (comparison.relation()) {
      case EQUAL -> order == 0;
      case GREATER -> order > 0;
      case LESS -> order < 0;
      case NOT_EQUAL -> order != 0;
    };
  }

  /** What a visit finds out. */
  private static final class Seen {
    boolean any;
    boolean allHold;
  }
}
