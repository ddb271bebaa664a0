package io.leasehold.jepsen.report;

import io.leasehold.jepsen.check.Verdict;
import io.leasehold.jepsen.check.Verdicts;
import io.leasehold.jepsen.check.Violation;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Op;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The violations of a run, numbered from 1, and the recorded lines that prove them. */
final class Proofs {
  private final List<Numbered> violations = new ArrayList<>();
  private final Map<Entry, List<String>> marks = new LinkedHashMap<>();
  private final Set<String> subjects = new HashSet<>();

  private Proofs() {}

  /** One violation: its number is that of its row and of its marks in pictures. */
  record Numbered(int number, String property, Violation violation) {
    String anchor() {
      return "violation-" + number;
    }

    /** The mark of one of its lines, counted from 0. */
    String mark(int place) {
      return number + "." + (place + 1);
    }
  }

  static Proofs of(Verdicts verdicts) {
    Proofs proofs = new Proofs();
    for (Verdict verdict : verdicts.each()) {
      for (Violation violation : verdict.violations()) {
        proofs.add(new Numbered(proofs.violations.size() + 1, verdict.property(), violation));
      }
    }
    return proofs;
  }

  static Proofs none() {
    return new Proofs();
  }

  /** This violation alone, under its number. */
  static Proofs only(Numbered numbered) {
    Proofs proofs = new Proofs();
    proofs.add(numbered);
    return proofs;
  }

  private void add(Numbered numbered) {
    violations.add(numbered);
    List<Entry> lines = numbered.violation().proof();
    for (int i = 0; i < lines.size(); i++) {
      marks.computeIfAbsent(lines.get(i), line -> new ArrayList<>()).add(numbered.mark(i));
      if (lines.get(i) instanceof Op op) {
        subjects.addAll(Subjects.of(op));
      }
    }
  }

  List<Numbered> violations() {
    return Collections.unmodifiableList(violations);
  }

  List<Numbered> of(Verdict verdict) {
    return violations.stream().filter(each -> each.property().equals(verdict.property())).toList();
  }

  /** All lines that prove something. */
  Collection<Entry> lines() {
    return Collections.unmodifiableSet(marks.keySet());
  }

  /** {@code 2.1}: the first line of the second violation; empty for a line that proves nothing. */
  List<String> marks(Entry entry) {
    return marks.getOrDefault(entry, List.of());
  }

  /** Whether it is about a lease, key or lock that a violation is about. */
  boolean isRelated(Op op) {
    return !subjects.isEmpty() && !Collections.disjoint(Subjects.of(op), subjects);
  }
}
