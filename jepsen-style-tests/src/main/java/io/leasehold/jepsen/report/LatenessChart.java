package io.leasehold.jepsen.report;

import io.leasehold.jepsen.check.LeaseEnd;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How late leases ended that nobody renewed any more. */
final class LatenessChart {
  private static final String QUIET = "#2b7bba";
  private static final String BROKEN = "#d1660a";
  private static final int DOTS_MAX = 3_000;
  private static final double HEIGHT = 200;
  private static final double LEFT = 78;
  private static final double RIGHT = 1088;
  private static final double TOP = 24;
  private static final double BAR_GAP = 6;

  /** Lateness in milliseconds at which one bar ends and the next begins. */
  private static final double[] EDGES = {
    0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000
  };

  private static final String WITHOUT_FAULT = "nothing was broken";

  private LatenessChart() {}

  static Markup of(History history, List<LeaseEnd> ends) {
    Markup section = new Markup();
    if (ends.isEmpty()) {
      return section.element(
          "p",
          "No end of a lease was observed of which it can be said how late it was.",
          "class",
          "quiet");
    }
    section.element(
        "p",
        "Of "
            + Quantities.count(ends.size(), "lease")
            + " that nobody renewed or revoked any more: how long after the TTL, counted from the answer to"
            + " the last renewal, the end was seen. The harness's own stalls are taken off. Orange:"
            + " something was broken between the last renewal and the end.",
        "class",
        "quiet");
    section.add(figures(history, ends));
    section.add(Page.legend(QUIET, WITHOUT_FAULT, BROKEN, "a fault fell into its last TTL"));
    section.add(histogram(history, ends));
    section.add(overTime(history, ends));
    return section;
  }

  /** The faults between the last renewal and the end, each kind once. */
  private static Set<String> faultsDuring(History history, LeaseEnd end) {
    Set<String> kinds = new HashSet<>();
    for (FaultWindow fault : history.faults()) {
      if (fault.overlaps(end.last().invokedNanos(), end.endNanos())) {
        kinds.add(fault.kind());
      }
    }
    return kinds;
  }

  private static Markup figures(History history, List<LeaseEnd> ends) {
    Map<String, List<Double>> byFault = new TreeMap<>();
    List<Double> all = new ArrayList<>();
    List<Double> quiet = new ArrayList<>();
    for (LeaseEnd end : ends) {
      Set<String> faults = faultsDuring(history, end);
      all.add(end.lateMillis());
      if (faults.isEmpty()) {
        quiet.add(end.lateMillis());
      }
      for (String fault : faults) {
        byFault
            .computeIfAbsent(Phrases.kindOfFault(fault), none -> new ArrayList<>())
            .add(end.lateMillis());
      }
    }
    Map<String, List<Double>> rows = new LinkedHashMap<>();
    rows.put("all leases", all);
    rows.put(WITHOUT_FAULT, quiet);
    byFault.forEach((fault, late) -> rows.put("during " + fault, late));
    Markup table = new Markup().open("table").open("tr").element("th", "leases that ended");
    for (String head : List.of("leases", "half within", "99 of 100 within", "latest")) {
      table.element("th", head, "class", "number");
    }
    table.close("tr");
    rows.forEach(
        (name, late) -> {
          if (!late.isEmpty()) {
            double[] sorted = LatencyChart.sorted(late);
            table.open("tr").element("td", name, "class", "name");
            number(table, Quantities.number(sorted.length));
            number(table, Quantities.millis(LatencyChart.quantile(sorted, 0.5)));
            number(table, Quantities.millis(LatencyChart.quantile(sorted, 0.99)));
            number(table, Quantities.millis(LatencyChart.quantile(sorted, 1)));
            table.close("tr");
          }
        });
    return table.close("table");
  }

  private static void number(Markup table, String text) {
    table.element("td", text, "class", "number");
  }

  /** Which bar a lateness belongs to: the first is for what was not late. */
  static int bar(double lateMillis) {
    int bar = 0;
    while (bar < EDGES.length && lateMillis > EDGES[bar]) {
      bar++;
    }
    return bar;
  }

  static int bars() {
    return EDGES.length + 1;
  }

  private static String barName(int bar) {
    if (bar == 0) {
      return "not late";
    } else if (bar == EDGES.length) {
      return "> " + Quantities.millis(EDGES[bar - 1]);
    }
    return "≤ " + Quantities.millis(EDGES[bar]);
  }

  private static Markup histogram(History history, List<LeaseEnd> ends) {
    long[] quiet = new long[bars()];
    long[] broken = new long[bars()];
    int last = 1;
    for (LeaseEnd end : ends) {
      int bar = bar(end.lateMillis());
      last = Math.max(last, bar);
      (faultsDuring(history, end).isEmpty() ? quiet : broken)[bar]++;
    }
    long most = 1;
    for (int i = 0; i < bars(); i++) {
      most = Math.max(most, quiet[i] + broken[i]);
    }
    Scale scale = Scale.linear((double) most);
    double bottom = TOP + HEIGHT;
    Markup svg = new Markup();
    svg.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 1100 " + Markup.coordinate(bottom + 42),
        "role",
        "img",
        "aria-label",
        "number of leases by how late they ended");
    title(svg, "number of leases", TOP - 8);
    for (double tick : scale.ticks()) {
      double y = bottom - HEIGHT * scale.share(tick);
      svg.empty("line", "x1", LEFT, "x2", RIGHT, "y1", y, "y2", y, "stroke", Palette.GRID);
      label(svg, Quantities.number(tick), LEFT - 7, y + 4, "end", 11);
    }
    double width = (RIGHT - LEFT) / (last + 1);
    for (int i = 0; i <= last; i++) {
      double x = LEFT + i * width;
      double quietHeight = HEIGHT * scale.share((double) quiet[i]);
      double brokenHeight = HEIGHT * scale.share((double) broken[i]);
      bar(svg, x, width, bottom - quietHeight, quietHeight, QUIET);
      bar(svg, x, width, bottom - quietHeight - brokenHeight, brokenHeight, BROKEN);
      if (quiet[i] + broken[i] > 0) {
        label(
            svg,
            Quantities.number(quiet[i] + broken[i]),
            x + width / 2,
            bottom - quietHeight - brokenHeight - 4,
            "middle",
            11);
      }
      label(svg, barName(i), x + width / 2, bottom + 16, "middle", 11);
    }
    svg.empty("line", "x1", LEFT, "x2", RIGHT, "y1", bottom, "y2", bottom, "stroke", Palette.MUTED);
    label(
        svg,
        "lateness; each bar begins where the one before it ends",
        (LEFT + RIGHT) / 2,
        bottom + 34,
        "middle",
        12);
    return svg.close("svg");
  }

  private static void bar(
      Markup svg, double x, double width, double y, double height, String colour) {
    if (height > 0) {
      svg.empty(
          "rect",
          "class",
          "bar",
          "x",
          x + BAR_GAP / 2,
          "y",
          y,
          "width",
          width - BAR_GAP,
          "height",
          height,
          "fill",
          colour);
    }
  }

  private static void title(Markup svg, String text, double y) {
    svg.element(
        "text", text, "x", LEFT, "y", y, "font-size", 13, "font-weight", 600, "fill", Palette.INK);
  }

  private static void label(Markup svg, String text, double x, double y, String anchor, int size) {
    svg.element(
        "text",
        text,
        "x",
        x,
        "y",
        y,
        "text-anchor",
        anchor,
        "font-size",
        size,
        "fill",
        Palette.MUTED);
  }

  private static Markup overTime(History history, List<LeaseEnd> ends) {
    Markup section = new Markup();
    double most = ends.stream().mapToDouble(LeaseEnd::lateMillis).max().orElse(1);
    TimeChart chart = new TimeChart(history);
    Panel panel =
        chart.panel(
            "lateness of each lease, by when its end was seen",
            150,
            Scale.linear(Math.max(1, most)),
            Quantities::millis);
    List<LeaseEnd> latest = new ArrayList<>(ends);
    latest.sort(Comparator.comparingDouble(end -> -end.lateMillis()));
    for (LeaseEnd end : latest.subList(0, Math.min(DOTS_MAX, latest.size()))) {
      boolean isTooLate = end.lateMillis() > end.allowedMillis();
      boolean isQuiet = faultsDuring(history, end).isEmpty();
      panel.dot(
          end.endNanos(),
          end.lateMillis(),
          isTooLate ? 4.5 : 2.6,
          isTooLate ? Palette.PROOF : isQuiet ? QUIET : BROKEN,
          "lease "
              + end.leaseId()
              + ": "
              + Quantities.millis(end.lateMillis())
              + " late, "
              + Quantities.millis(end.allowedMillis())
              + " allowed\ndue "
              + Quantities.time(end.dueNanos())
              + ", seen ended "
              + Quantities.time(end.endNanos()));
    }
    section.add(chart.finish("lateness of each lease over time"));
    if (latest.size() > DOTS_MAX) {
      section.element(
          "p",
          "Drawn are the " + Quantities.number(DOTS_MAX) + " latest of them.",
          "class",
          "quiet");
    }
    return section;
  }
}
