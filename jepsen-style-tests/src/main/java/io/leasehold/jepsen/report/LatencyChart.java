package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long answers took, a plot for each kind of operation. */
final class LatencyChart {
  private static final int KINDS_MAX = 8;
  private static final double LEAST_MILLIS = 0.1;
  private static final double PANEL_HEIGHT = 96;
  private static final String P50 = "#0b3d6b";
  private static final String P99 = "#4f9bd9";
  private static final String MOST = "#8c959f";

  private LatencyChart() {}

  static Markup of(History history) {
    Markup section = new Markup();
    Map<String, List<Op>> kinds = kinds(history);
    if (kinds.isEmpty()) {
      return section.element("p", "No operation was recorded.", "class", "quiet");
    }
    Buckets buckets = Buckets.over(history.endNanos());
    section.element(
        "p",
        "Each point stands for the operations that were sent within "
            + Quantities.length(buckets.widthNanos())
            + ". Lines count operations that were answered with ok; half of them were faster than the lower"
            + " line. An orange dot is the longest time for which a client waited and then did not know.",
        "class",
        "quiet");
    section.add(
        Page.legend(
            P50,
            "half are faster (p50)",
            P99,
            "99 of 100 are faster (p99)",
            MOST,
            "the slowest",
            Palette.of(Result.INFO),
            "outcome unknown"));
    double slowest =
        history.ops().stream().mapToDouble(LatencyChart::millis).max().orElse(LEAST_MILLIS);
    Scale scale = Scale.logarithmic(LEAST_MILLIS, Math.max(10, slowest));
    TimeChart chart = new TimeChart(history);
    kinds.forEach(
        (kind, ops) -> {
          Panel panel =
              chart.panel(
                  kind + " (" + Quantities.count(ops.size(), "operation") + ")",
                  PANEL_HEIGHT,
                  scale,
                  Quantities::millis);
          draw(panel, buckets, ops);
        });
    return section.add(chart.finish("latency of each kind of operation over time"));
  }

  /** The most frequent kinds, and the rest together. */
  private static Map<String, List<Op>> kinds(History history) {
    Map<String, List<Op>> all = new LinkedHashMap<>();
    for (Op op : history.ops()) {
      all.computeIfAbsent(Phrases.kind(op.request()), kind -> new ArrayList<>()).add(op);
    }
    List<Map.Entry<String, List<Op>>> sorted = new ArrayList<>(all.entrySet());
    sorted.sort(Comparator.comparingInt(kind -> -kind.getValue().size()));
    Map<String, List<Op>> kinds = new LinkedHashMap<>();
    for (Map.Entry<String, List<Op>> kind : sorted) {
      String name =
          kinds.size() < KINDS_MAX - 1 || sorted.size() <= KINDS_MAX ? kind.getKey() : "others";
      kinds.computeIfAbsent(name, none -> new ArrayList<>()).addAll(kind.getValue());
    }
    return kinds;
  }

  private static void draw(Panel panel, Buckets buckets, List<Op> ops) {
    List<List<Double>> answered = new ArrayList<>();
    double[] unknown = new double[buckets.count()];
    for (int i = 0; i < buckets.count(); i++) {
      answered.add(new ArrayList<>());
    }
    for (Op op : ops) {
      int bucket = buckets.of(op.invokedNanos());
      if (op.isOk()) {
        answered.get(bucket).add(millis(op));
      } else if (op.result() == Result.INFO) {
        unknown[bucket] = Math.max(unknown[bucket], millis(op));
      }
    }
    double[] half = new double[buckets.count()];
    double[] nearlyAll = new double[buckets.count()];
    double[] slowest = new double[buckets.count()];
    for (int i = 0; i < buckets.count(); i++) {
      double[] sorted = sorted(answered.get(i));
      half[i] = quantile(sorted, 0.5);
      nearlyAll[i] = quantile(sorted, 0.99);
      slowest[i] = quantile(sorted, 1);
    }
    panel.line(buckets, slowest, MOST, 0.8);
    panel.line(buckets, nearlyAll, P99, 1.6);
    panel.line(buckets, half, P50, 1.8);
    for (int i = 0; i < buckets.count(); i++) {
      if (unknown[i] > 0) {
        panel.dot(
            buckets.middleNanos(i),
            unknown[i],
            3,
            Palette.of(Result.INFO),
            "outcome unknown after " + Quantities.millis(unknown[i]));
      }
    }
  }

  /** The value that this share of the sorted ones does not exceed; not a number of none. */
  static double quantile(double[] sorted, double share) {
    return sorted.length == 0 ? Double.NaN : sorted[(int) ((sorted.length - 1) * share)];
  }

  static double[] sorted(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
    Arrays.sort(sorted);
    return sorted;
  }

  private static double millis(Op op) {
    return (op.returnedNanos() - op.invokedNanos()) / 1e6;
  }
}
