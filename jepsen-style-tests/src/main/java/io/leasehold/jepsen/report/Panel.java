package io.leasehold.jepsen.report;

/** One plot of values over time. */
final class Panel {
  private final Markup body;
  private final TimeAxis axis;
  private final double top;
  private final double height;
  private final Scale scale;

  Panel(Markup body, TimeAxis axis, double top, double height, Scale scale) {
    this.body = body;
    this.axis = axis;
    this.top = top;
    this.height = height;
    this.scale = scale;
  }

  double y(double value) {
    return top + height * (1 - scale.share(value));
  }

  /** A value for each bucket; not a number where there is none, which leaves a gap. */
  void line(Buckets buckets, double[] values, String colour, double width) {
    StringBuilder path = new StringBuilder();
    boolean isDrawing = false;
    for (int i = 0; i < values.length; i++) {
      if (Double.isNaN(values[i])) {
        isDrawing = false;
        continue;
      }
      boolean isAlone = !isDrawing && (i + 1 == values.length || Double.isNaN(values[i + 1]));
      double x = axis.x(buckets.middleNanos(i));
      path.append(isDrawing ? 'L' : 'M')
          .append(Markup.coordinate(x))
          .append(' ')
          .append(Markup.coordinate(y(values[i])));
      if (isAlone) {
        // A line of no length would not be seen.
        path.append("m-1.5 0h3");
      }
      isDrawing = true;
    }
    if (path.length() > 0) {
      body.empty(
          "path",
          "d",
          path,
          "fill",
          "none",
          "stroke",
          colour,
          "stroke-width",
          width,
          "stroke-linecap",
          "round",
          "stroke-linejoin",
          "round");
    }
  }

  /** One value, told to whoever points at it. */
  void dot(long nanos, double value, double radius, String colour, String words) {
    body.open(
            "circle",
            "class",
            "tip",
            "cx",
            axis.x(nanos),
            "cy",
            y(value),
            "r",
            radius,
            "fill",
            colour,
            "fill-opacity",
            "0.75")
        .element("title", words)
        .close("circle");
  }

  /** A value that is the same all the time, and what it is. */
  void level(double value, String colour, String words) {
    double y = y(value);
    body.empty(
        "line",
        "x1",
        axis.left(),
        "x2",
        axis.right(),
        "y1",
        y,
        "y2",
        y,
        "stroke",
        colour,
        "stroke-dasharray",
        "6 4");
    body.element(
        "text",
        words,
        "x",
        axis.right() - 4,
        "y",
        y - 4,
        "text-anchor",
        "end",
        "font-size",
        11,
        "fill",
        colour);
  }
}
