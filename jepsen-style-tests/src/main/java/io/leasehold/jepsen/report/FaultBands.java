package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Stall;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Shows behind a picture what was broken when, with the names of the faults above it, and where a
 * part of the run begins.
 */
final class FaultBands {
  private static final double ROW_HEIGHT = 15;
  private static final int ROWS_MAX = 3;
  private static final double LETTER_WIDTH = 6.1;
  private static final double NARROWEST = 1.5;
  private static final double STALL_HEIGHT = 4;

  private final History history;
  private final TimeAxis axis;
  private final List<Label> labels = new ArrayList<>();
  private int rows;

  FaultBands(History history, TimeAxis axis) {
    this.history = history;
    this.axis = axis;
    place();
  }

  private record Label(String text, String colour, double x, int row) {}

  /**
   * A name is left out where there is no room for it; the band shows it to whoever points at it.
   */
  private void place() {
    double[] taken = new double[ROWS_MAX];
    for (FaultWindow fault : shown()) {
      String colour = FaultFamily.of(fault.kind()).colour();
      place(taken, Phrases.fault(fault), colour, fault.fromNanos());
    }
    for (Phase phase : phases()) {
      place(taken, phase.name() + " part", Palette.MUTED, phase.atNanos());
    }
  }

  private void place(double[] taken, String text, String colour, long atNanos) {
    double width = text.length() * LETTER_WIDTH + 8;
    double x = Math.max(axis.left(), Math.min(axis.x(atNanos), axis.right() - width));
    for (int row = 0; row < ROWS_MAX; row++) {
      if (taken[row] <= x) {
        taken[row] = x + width;
        rows = Math.max(rows, row + 1);
        labels.add(new Label(text, colour, x, row));
        return;
      }
    }
  }

  /** The parts of the run that begin while the picture lasts. */
  private List<Phase> phases() {
    return history.all(Phase.class).stream()
        .filter(phase -> axis.shows(phase.atNanos(), phase.atNanos()))
        .toList();
  }

  private List<FaultWindow> shown() {
    return history.faults().stream()
        .filter(fault -> axis.shows(fault.fromNanos(), fault.toNanos()))
        .toList();
  }

  private List<Stall> stalls() {
    return history.stalls().stream()
        .filter(stall -> axis.shows(stall.fromNanos(), stall.toNanos()))
        .toList();
  }

  /** The room that the names take above the picture. */
  double headHeight() {
    return rows * ROW_HEIGHT + (stalls().isEmpty() ? 2 : 2 + STALL_HEIGHT);
  }

  Markup draw(double top, double bottom) {
    Markup svg = new Markup();
    for (FaultWindow fault : shown()) {
      double x = axis.x(fault.fromNanos());
      svg.open(
              "rect",
              "class",
              "tip fault",
              "x",
              x,
              "y",
              top,
              "width",
              Math.max(NARROWEST, axis.x(fault.toNanos()) - x),
              "height",
              bottom - top,
              "fill",
              FaultFamily.of(fault.kind()).colour(),
              "fill-opacity",
              "0.15")
          .element("title", words(fault))
          .close("rect");
    }
    for (Phase phase : phases()) {
      double x = axis.x(phase.atNanos());
      svg.empty(
          "line",
          "class",
          "phase",
          "x1",
          x,
          "x2",
          x,
          "y1",
          top,
          "y2",
          bottom,
          "stroke",
          Palette.MUTED,
          "stroke-dasharray",
          "3 3");
    }
    for (Label label : labels) {
      svg.element(
          "text",
          label.text(),
          "x",
          label.x() + 3,
          "y",
          top + label.row() * ROW_HEIGHT + 11,
          "font-size",
          11,
          "fill",
          label.colour(),
          "font-weight",
          600);
    }
    for (Stall stall : stalls()) {
      double x = axis.x(stall.fromNanos());
      svg.open(
              "rect",
              "class",
              "tip stall",
              "x",
              x,
              "y",
              top + headHeight() - STALL_HEIGHT,
              "width",
              Math.max(1, axis.x(stall.toNanos()) - x),
              "height",
              STALL_HEIGHT,
              "fill",
              Palette.STALL)
          .element(
              "title",
              "the harness itself did not run for "
                  + Quantities.length(stall.toNanos() - stall.fromNanos()))
          .close("rect");
    }
    return svg;
  }

  static String words(FaultWindow fault) {
    return Phrases.fault(fault)
        + "\n"
        + Quantities.time(fault.fromNanos())
        + " to "
        + Quantities.time(fault.toNanos())
        + ", "
        + Quantities.length(fault.toNanos() - fault.fromNanos());
  }

  /** What the colours of the bands mean, of those that there are. */
  static Markup legend(History history) {
    Set<FaultFamily> families = EnumSet.noneOf(FaultFamily.class);
    history.faults().forEach(fault -> families.add(FaultFamily.of(fault.kind())));
    List<String> words = new ArrayList<>();
    for (FaultFamily family : families) {
      // Two digits more: as pale as the bands.
      words.add(family.colour() + "40");
      words.add(family.words());
    }
    if (!history.stalls().isEmpty()) {
      words.add(Palette.STALL);
      words.add("the harness itself did not run");
    }
    return words.isEmpty() ? new Markup() : Page.legend(words.toArray(String[]::new));
  }
}
