package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Result;

/** The whole run at a glance: rate, faults, windows and violations. */
final class Overview {
  private static final double RATE_HEIGHT = 60;
  private static final double STRIP_HEIGHT = 16;

  private Overview() {}

  static Markup of(History history, Proofs proofs, Windows windows) {
    TimeChart chart = new TimeChart(history);
    Buckets buckets = Buckets.over(Math.max(1, history.endNanos()));
    RateChart.Rates rates = RateChart.Rates.of(history, buckets);
    double most = 1;
    for (int i = 0; i < buckets.count(); i++) {
      most = Math.max(most, Double.isNaN(rates.ok()[i]) ? 0 : rates.ok()[i]);
    }
    Panel panel =
        chart.panel(
            "operations per second: ok, and of unknown outcome",
            RATE_HEIGHT,
            Scale.linear(most),
            Quantities::number);
    panel.line(buckets, rates.ok(), Palette.of(Result.OK), 1.5);
    panel.line(buckets, rates.info(), Palette.of(Result.INFO), 1.5);
    double top = chart.band("windows, and lines that prove violations", STRIP_HEIGHT);
    for (TimeWindow window : windows.each()) {
      double x = chart.axis().x(window.fromNanos());
      chart
          .body()
          .open("a", "href", "#" + window.anchor())
          .open(
              "rect",
              "class",
              "tip window",
              "x",
              x,
              "y",
              top,
              "width",
              Math.max(2, chart.axis().x(window.toNanos()) - x - 1),
              "height",
              STRIP_HEIGHT,
              "fill",
              Palette.MUTED)
          .element("title", "window " + window.number())
          .close("rect")
          .close("a");
    }
    for (Proofs.Numbered numbered : proofs.violations()) {
      numbered.violation().proof().stream()
          .flatMap(line -> Spans.of(line).stream())
          .forEach(
              span ->
                  chart
                      .body()
                      .empty(
                          "rect",
                          "class",
                          "proof-place",
                          "x",
                          chart.axis().x(span.fromNanos()) - 1,
                          "y",
                          top - 3,
                          "width",
                          2.0,
                          "height",
                          STRIP_HEIGHT + 6,
                          "fill",
                          Palette.PROOF));
    }
    return chart.finish("rate of operations over the run, and which parts are shown below");
  }
}
