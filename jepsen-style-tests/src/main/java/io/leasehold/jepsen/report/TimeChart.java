package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.History;
import java.util.function.DoubleFunction;

/** Plots under each other over the same time, faults as bands behind them. */
final class TimeChart {
  static final double WIDTH = 1100;
  private static final double LEFT = 78;
  private static final double RIGHT = 1088;
  private static final double TITLE_HEIGHT = 20;
  private static final double GAP = 10;
  private static final double FOOT_HEIGHT = 38;

  private final TimeAxis axis;
  private final FaultBands bands;
  private final Markup body = new Markup();
  private double bottom;

  TimeChart(History history) {
    this.axis = new TimeAxis(0, Math.max(1, history.endNanos()), LEFT, RIGHT);
    this.bands = new FaultBands(history, axis);
    this.bottom = bands.headHeight();
  }

  TimeAxis axis() {
    return axis;
  }

  /** Adds a plot of values below what there is. */
  Panel panel(String title, double height, Scale scale, DoubleFunction<String> label) {
    double top = begin(title);
    bottom = top + height;
    Panel panel = new Panel(body, axis, top, height, scale);
    for (double tick : scale.ticks()) {
      double y = panel.y(tick);
      body.empty("line", "x1", LEFT, "x2", RIGHT, "y1", y, "y2", y, "stroke", Palette.GRID);
      body.element(
          "text",
          label.apply(tick),
          "x",
          LEFT - 7,
          "y",
          y + 4,
          "text-anchor",
          "end",
          "font-size",
          11,
          "fill",
          Palette.MUTED);
    }
    return panel;
  }

  /** Adds a plot without values, and returns its top. */
  double band(String title, double height) {
    double top = begin(title);
    bottom = top + height;
    return top;
  }

  private double begin(String title) {
    double top = bottom + GAP + TITLE_HEIGHT;
    body.element(
        "text",
        title,
        "x",
        LEFT,
        "y",
        top - 6,
        "font-size",
        13,
        "font-weight",
        600,
        "fill",
        Palette.INK);
    return top;
  }

  /** Draws into the plot that was added last. */
  Markup body() {
    return body;
  }

  /** The whole picture; the description is for those who cannot see it. */
  Markup finish(String description) {
    Markup svg = new Markup();
    svg.open(
        "svg",
        "xmlns",
        "http://www.w3.org/2000/svg",
        "viewBox",
        "0 0 " + Markup.coordinate(WIDTH) + " " + Markup.coordinate(bottom + FOOT_HEIGHT),
        "role",
        "img",
        "aria-label",
        description);
    svg.add(bands.draw(0, bottom));
    svg.add(body);
    svg.add(foot(axis, bottom));
    return svg.close("svg");
  }

  /** The axis of time below a picture. */
  static Markup foot(TimeAxis axis, double bottom) {
    Markup svg = new Markup();
    svg.empty(
        "line",
        "x1",
        axis.left(),
        "x2",
        axis.right(),
        "y1",
        bottom,
        "y2",
        bottom,
        "stroke",
        Palette.MUTED);
    for (long tick : axis.ticks()) {
      double x = axis.x(tick);
      svg.empty("line", "x1", x, "x2", x, "y1", bottom, "y2", bottom + 4, "stroke", Palette.MUTED);
      svg.element(
          "text",
          axis.label(tick),
          "class",
          "tick",
          "x",
          x,
          "y",
          bottom + 16,
          "text-anchor",
          "middle",
          "font-size",
          11,
          "fill",
          Palette.MUTED);
    }
    svg.element(
        "text",
        TimeAxis.TITLE,
        "x",
        (axis.left() + axis.right()) / 2,
        "y",
        bottom + 32,
        "text-anchor",
        "middle",
        "font-size",
        12,
        "fill",
        Palette.MUTED);
    return svg;
  }
}
