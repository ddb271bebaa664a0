package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Result;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/** How many operations ended in a second, and how. */
final class RateChart {
  private RateChart() {}

  static Markup of(History history) {
    Markup section = new Markup();
    if (history.ops().isEmpty()) {
      return section.element("p", "No operation was recorded.", "class", "quiet");
    }
    Buckets buckets = Buckets.over(history.endNanos());
    Map<Result, double[]> rates = rates(history, buckets);
    section.element(
        "p",
        "Counted when the client got its answer or gave up, over "
            + Quantities.length(buckets.widthNanos())
            + " each. A refused operation was certainly not executed; of an unknown one nobody can tell. The"
            + " lower plot has a scale of its own.",
        "class",
        "quiet");
    section.add(
        Page.legend(
            Palette.of(Result.OK),
            "ok",
            Palette.of(Result.FAIL),
            "refused (fail)",
            Palette.of(Result.INFO),
            "unknown (info)"));
    section.add(FaultBands.legend(history));
    TimeChart chart = new TimeChart(history);
    double[] ok = rates.get(Result.OK);
    double[] fail = rates.get(Result.FAIL);
    double[] info = rates.get(Result.INFO);
    Panel answered =
        chart.panel("ok, operations per second", 150, Scale.linear(most(ok)), Quantities::number);
    answered.line(buckets, ok, Palette.of(Result.OK), 1.8);
    Panel others =
        chart.panel(
            "refused and unknown, operations per second",
            90,
            Scale.linear(Math.max(most(fail), most(info))),
            Quantities::number);
    others.line(buckets, fail, Palette.of(Result.FAIL), 1.8);
    others.line(buckets, info, Palette.of(Result.INFO), 1.8);
    return section.add(chart.finish("operations per second over time, by their result"));
  }

  static Map<Result, double[]> rates(History history, Buckets buckets) {
    Map<Result, double[]> rates = new EnumMap<>(Result.class);
    for (Result result : Result.values()) {
      rates.put(result, new double[buckets.count()]);
    }
    for (Op op : history.ops()) {
      rates.get(op.result())[buckets.of(op.returnedNanos())]++;
    }
    for (double[] counts : rates.values()) {
      for (int i = 0; i < counts.length; i++) {
        counts[i] = buckets.isLongEnough(i) ? counts[i] / buckets.seconds(i) : Double.NaN;
      }
    }
    return rates;
  }

  private static double most(double[] rates) {
    return Math.max(1, Arrays.stream(rates).filter(rate -> !Double.isNaN(rate)).max().orElse(0));
  }
}
