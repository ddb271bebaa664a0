package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.FencedWrite;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One window of the timeline: what each client asked, when, and what came of it. */
final class WindowPicture {
  private static final double LEFT = 116;
  private static final double RIGHT = 1088;
  private static final double WIDTH = 1100;
  private static final double ROW_HEIGHT = 13;
  private static final double BAR_HEIGHT = 11;
  private static final double LANE_GAP = 5;
  private static final double MARK_HEIGHT = 11;
  private static final double NARROWEST = 2;
  private static final double NARROWEST_PROOF = 5;
  private static final int WORDS_MAX = 70;
  private static final double LETTER_WIDTH = 5.6;
  private static final double FOOT_HEIGHT = 38;
  private static final int PROCESSES_NAMED_MAX = 3;

  private final History history;
  private final Proofs proofs;
  private final TimeAxis axis;
  private final FaultBands bands;
  private final Markup body = new Markup();
  private final boolean tells;
  private double bottom;

  private WindowPicture(History history, Proofs proofs, TimeWindow window, boolean tells) {
    this.tells = tells;
    this.history = history;
    this.proofs = proofs;
    this.axis = new TimeAxis(window.fromNanos(), window.toNanos(), LEFT, RIGHT);
    this.bands = new FaultBands(history, axis);
    this.bottom = bands.headHeight() + LANE_GAP;
  }

  static Markup of(History history, Proofs proofs, TimeWindow window, Lanes lanes) {
    return new WindowPicture(history, proofs, window, false).draw(window, lanes);
  }

  /** With request and answer beside whatever proves something. */
  static Markup withWords(History history, Proofs proofs, TimeWindow window, Lanes lanes) {
    return new WindowPicture(history, proofs, window, true).draw(window, lanes);
  }

  private Markup draw(TimeWindow window, Lanes lanes) {
    leaders();
    for (Lanes.Lane lane : lanes.each()) {
      lane(lane);
    }
    othersThatProve();
    return finish(window);
  }

  private Markup finish(TimeWindow window) {
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
        "operations of each client from "
            + Quantities.time(window.fromNanos())
            + " to "
            + Quantities.time(window.toNanos()));
    svg.add(bands.draw(0, bottom));
    for (long tick : axis.ticks()) {
      double x = axis.x(tick);
      svg.empty(
          "line", "x1", x, "x2", x, "y1", bands.headHeight(), "y2", bottom, "stroke", Palette.GRID);
    }
    svg.add(body);
    svg.add(TimeChart.foot(axis, bottom));
    return svg.close("svg");
  }

  /** A member that leads another term than was known before. */
  private void leaders() {
    Set<Long> terms = new HashSet<>();
    List<MemberState> begun = new ArrayList<>();
    for (MemberState state : history.memberStates()) {
      if (state.leader()
          && terms.add(state.term())
          && axis.shows(state.atNanos(), state.atNanos())) {
        begun.add(state);
      }
    }
    if (begun.isEmpty()) {
      return;
    }
    name("leader");
    for (MemberState state : begun) {
      double x = axis.x(state.atNanos());
      String text = state.node() + " leads term " + state.term();
      boolean isAtTheEnd = x + text.length() * LETTER_WIDTH > RIGHT;
      body.empty(
          "line",
          "x1",
          x,
          "x2",
          x,
          "y1",
          bottom,
          "y2",
          bottom + ROW_HEIGHT,
          "stroke",
          Palette.INK,
          "stroke-width",
          2.0);
      body.element(
          "text",
          text,
          "x",
          isAtTheEnd ? x - 4 : x + 4,
          "y",
          bottom + 10,
          "text-anchor",
          isAtTheEnd ? "end" : "start",
          "font-size",
          11,
          "fill",
          Palette.INK);
    }
    bottom += ROW_HEIGHT + LANE_GAP;
  }

  private void lane(Lanes.Lane lane) {
    boolean proves =
        lane.rows().stream().flatMap(List::stream).anyMatch(op -> !proofs.marks(op).isEmpty());
    // Room for the marks above the bars.
    bottom += proves ? MARK_HEIGHT : 0;
    name(title(lane.processes()));
    for (List<Op> row : lane.rows()) {
      for (Op op : row) {
        bar(op, bottom);
      }
      bottom += ROW_HEIGHT;
    }
    body.empty(
        "line",
        "x1",
        LEFT,
        "x2",
        RIGHT,
        "y1",
        bottom + LANE_GAP / 2 - 1,
        "y2",
        bottom + LANE_GAP / 2 - 1,
        "stroke",
        Palette.GRID);
    bottom += LANE_GAP;
  }

  private static String title(List<Long> processes) {
    if (processes.size() == 1) {
      return "client " + processes.get(0);
    }
    StringBuilder title = new StringBuilder();
    for (int i = 0; i < Math.min(PROCESSES_NAMED_MAX, processes.size()); i++) {
      title.append(i == 0 ? "" : ", ").append(processes.get(i));
    }
    return title + (processes.size() > PROCESSES_NAMED_MAX ? ", …" : "");
  }

  private void name(String text) {
    body.element(
        "text",
        text,
        "x",
        LEFT - 7,
        "y",
        bottom + 10,
        "text-anchor",
        "end",
        "font-size",
        11,
        "fill",
        Palette.MUTED);
  }

  private void bar(Op op, double top) {
    List<String> marks = proofs.marks(op);
    double x = axis.x(op.invokedNanos());
    double narrowest = marks.isEmpty() ? NARROWEST : NARROWEST_PROOF;
    double width = Math.max(narrowest, axis.x(op.returnedNanos()) - x);
    List<Object> attributes =
        new ArrayList<>(
            List.of(
                "class",
                marks.isEmpty() ? "tip op" : "tip op proves",
                "x",
                x,
                "y",
                top,
                "width",
                width,
                "height",
                BAR_HEIGHT,
                "fill",
                Palette.of(op.result()),
                "fill-opacity",
                "0.85"));
    if (!marks.isEmpty()) {
      attributes.addAll(List.of("stroke", Palette.PROOF, "stroke-width", 2.0));
    }
    body.open("rect", attributes.toArray()).element("title", words(op)).close("rect");
    String text = Phrases.of(op.request());
    if (width > text.length() * LETTER_WIDTH + 6) {
      body.element(
          "text",
          text,
          "x",
          x + 3,
          "y",
          top + 9,
          "font-size",
          10,
          "fill",
          op.result() == Result.INFO ? Palette.INK : "#fff",
          "pointer-events",
          "none");
    }
    if (!marks.isEmpty()) {
      promise(op, top);
    }
    mark(op, x + width / 2, top);
  }

  /** How long a lease was promised to live, from when it was asked for. */
  private void promise(Op op, double top) {
    long untilNanos = Story.promisedUntilNanos(op);
    if (untilNanos > op.invokedNanos()) {
      double y = top + BAR_HEIGHT + 2;
      double end = axis.x(untilNanos);
      body.open(
              "path",
              "class",
              "tip promise",
              "d",
              "M%s %sH%sv-4"
                  .formatted(
                      Markup.coordinate(axis.x(op.invokedNanos())),
                      Markup.coordinate(y),
                      Markup.coordinate(end)),
              "fill",
              "none",
              "stroke",
              Palette.INK,
              "stroke-width",
              1.5)
          .element("title", "its TTL ends at " + Quantities.time(untilNanos))
          .close("path");
    }
  }

  private void mark(Entry line, double x, double top) {
    List<String> marks = proofs.marks(line);
    if (marks.isEmpty()) {
      return;
    }
    String text = marks.get(0) + (marks.size() > 1 ? " …" : "");
    String anchor = "middle";
    if (tells) {
      String words = Phrases.of(line);
      text += " " + (words.length() > WORDS_MAX ? words.substring(0, WORDS_MAX) + " …" : words);
      // Towards the side where there is more room.
      anchor = x < (LEFT + RIGHT) / 2 ? "start" : "end";
    }
    body.element(
        "text",
        text,
        "x",
        x,
        "y",
        top - 3,
        "text-anchor",
        anchor,
        "font-size",
        11,
        "font-weight",
        700,
        "fill",
        Palette.PROOF);
  }

  private String words(Op op) {
    List<String> marks = proofs.marks(op);
    return Phrases.source(op)
        + "\n"
        + Phrases.of(op.request())
        + "\n"
        + Phrases.outcome(op)
        + "\nsent "
        + Quantities.time(op.invokedNanos())
        + ", ended "
        + Quantities.time(op.returnedNanos())
        + " ("
        + Quantities.length(op.returnedNanos() - op.invokedNanos())
        + ")"
        + (op.revision() == 0 ? "" : "\nrevision " + op.revision())
        + (op.term() == 0 ? "" : ", term " + op.term())
        + (marks.isEmpty() ? "" : "\nproves violation " + String.join(", ", marks));
  }

  /** What members, watches and the store outside said is drawn where it proves something. */
  private void othersThatProve() {
    Map<String, List<Entry>> lanes = new LinkedHashMap<>();
    for (Entry line : proofs.lines()) {
      boolean isShown =
          !(line instanceof Op)
              && Spans.of(line)
                  .filter(span -> axis.shows(span.fromNanos(), span.toNanos()))
                  .isPresent();
      if (isShown) {
        String lane = line instanceof FencedWrite ? "store outside" : Phrases.source(line);
        lanes.computeIfAbsent(lane, none -> new ArrayList<>()).add(line);
      }
    }
    lanes.forEach(
        (lane, lines) -> {
          bottom += MARK_HEIGHT;
          name(lane);
          lines.forEach(this::diamond);
          bottom += ROW_HEIGHT + LANE_GAP;
        });
  }

  private void diamond(Entry line) {
    Spans.Span span = Spans.of(line).orElseThrow();
    double x = axis.x(span.fromNanos());
    double y = bottom + BAR_HEIGHT / 2;
    String path =
        "M%s %sl5 5.5l-5 5.5l-5 -5.5z"
            .formatted(Markup.coordinate(x), Markup.coordinate(y - BAR_HEIGHT / 2));
    body.open("path", "class", "tip proves", "d", path, "fill", Palette.PROOF)
        .element(
            "title",
            Phrases.source(line)
                + "\n"
                + Phrases.of(line)
                + "\nat "
                + Quantities.time(span.fromNanos())
                + "\nproves violation "
                + String.join(", ", proofs.marks(line)))
        .close("path");
    mark(line, x, bottom);
  }
}
