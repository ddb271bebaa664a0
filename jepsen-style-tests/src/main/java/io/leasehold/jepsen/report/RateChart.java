package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Result;
import java.util.Arrays;

/** How many operations ended in a second, and how. */
final class RateChart {
  private RateChart() {}

  static Markup of(History history) {
    Markup section = new Markup();
    if (history.ops().isEmpty()) {
      return section.element("p", "No operation was recorded.", "class", "quiet");
    }
    Buckets buckets = Buckets.over(history.endNanos());
    Rates rates = Rates.of(history, buckets);
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
    TimeChart chart = new TimeChart(history);
    Panel answered =
        chart.panel(
            "ok, operations per second", 150, Scale.linear(most(rates.ok())), Quantities::number);
    answered.line(buckets, rates.ok(), Palette.of(Result.OK), 1.8);
    Panel others =
        chart.panel(
            "refused and unknown, operations per second",
            90,
            Scale.linear(Math.max(most(rates.fail()), most(rates.info()))),
            Quantities::number);
    others.line(buckets, rates.fail(), Palette.of(Result.FAIL), 1.8);
    others.line(buckets, rates.info(), Palette.of(Result.INFO), 1.8);
    return section.add(chart.finish("operations per second over time, by their result"));
  }

  /**
   * How many operations of each result ended per second of a bucket; not a number where the bucket
   * is too short to tell.
   */
  static final class Rates {
    private final double[] ok;
    private final double[] fail;
    private final double[] info;

    private Rates(int buckets) {
      ok = new double[buckets];
      fail = new double[buckets];
      info = new double[buckets];
    }

    static Rates of(History history, Buckets buckets) {
      Rates rates = new Rates(buckets.count());
      for (Op op : history.ops()) {
        rates.of(op.result())[buckets.of(op.returnedNanos())]++;
      }
      for (Result result : Result.values()) {
        double[] counts = rates.of(result);
        for (int i = 0; i < counts.length; i++) {
          counts[i] = buckets.isLongEnough(i) ? counts[i] / buckets.seconds(i) : Double.NaN;
        }
      }
      return rates;
    }

    double[] ok() {
      return ok;
    }

    double[] fail() {
      return fail;
    }

    double[] info() {
      return info;
    }

    private double[] of(Result result) {
      return switch (result) {
        case OK -> ok;
        case FAIL -> fail;
        case INFO -> info;
      };
    }
  }

  private static double most(double[] rates) {
    return Math.max(1, Arrays.stream(rates).filter(rate -> !Double.isNaN(rate)).max().orElse(0));
  }
}
