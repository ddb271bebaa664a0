package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Op;
import java.util.List;
import java.util.function.Function;

/** One violation in words, with the recorded lines that prove it. */
final class ProofTable {
  /** More lines of one proof are in the verdict's file. */
  private static final int LINES_MAX = 40;

  private ProofTable() {}

  /**
   * The violation and its lines.
   *
   * @param places links to where a line is drawn
   */
  static Markup of(Proofs.Numbered numbered, Function<? super Entry, Markup> places) {
    Markup section = new Markup();
    section.open("div", "class", "proof", "id", numbered.anchor());
    section
        .open("p")
        .element(
            "span",
            "Violation " + numbered.number() + ", " + Properties.title(numbered.property()) + ". ",
            "class",
            "mark")
        .text(numbered.violation().message())
        .close("p");
    List<Entry> lines = numbered.violation().proof();
    section.open("table", "class", "wide").open("tr");
    section
        .element("th", "")
        .element("th", "sent", "class", "number")
        .element("th", "ended", "class", "number")
        .element("th", "who")
        .element("th", "what")
        .element("th", "");
    section.close("tr");
    for (int i = 0; i < Math.min(LINES_MAX, lines.size()); i++) {
      Entry line = lines.get(i);
      section.open("tr").element("td", numbered.mark(i), "class", "mark");
      times(section, line);
      section
          .element("td", Phrases.source(line), "class", "name")
          .element("td", Phrases.of(line))
          .open("td", "class", "name")
          .add(places.apply(line))
          .close("td")
          .close("tr");
    }
    section.close("table");
    if (lines.size() > LINES_MAX) {
      section.element(
          "p",
          Quantities.count((long) lines.size() - LINES_MAX, "more line")
              + " of this proof in "
              + StoredRun.VERDICT
              + ".",
          "class",
          "quiet");
    }
    return section.close("div");
  }

  private static void times(Markup row, Entry line) {
    String from = Spans.of(line).map(span -> Quantities.time(span.fromNanos())).orElse("");
    String to =
        line instanceof Op
            ? Spans.of(line).map(span -> Quantities.time(span.toNanos())).orElse("")
            : "";
    row.element("td", from, "class", "number").element("td", to, "class", "number");
  }
}
