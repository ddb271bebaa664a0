package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.MemberState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Who led, in which term, and who did not answer, as the members said themselves. */
final class LeaderChart {
  private static final double ROW_HEIGHT = 26;
  private static final double BAR_HEIGHT = 16;
  private static final double TERM_HEIGHT = 110;
  private static final double LETTER_WIDTH = 6.2;

  /** A member that says nothing for so many of its usual intervals did not answer. */
  private static final int INTERVALS_MISSED = 4;

  private static final long SILENCE_NANOS_MIN = 500_000_000;

  private LeaderChart() {}

  /** A time in which a member said the same all along. */
  record Reign(long fromNanos, long toNanos, long term, boolean leader) {}

  static Markup of(History history) {
    Markup section = new Markup();
    Map<String, List<MemberState>> members = members(history);
    if (members.isEmpty()) {
      return section.element("p", "No member was asked for its state.", "class", "quiet");
    }
    section.element(
        "p",
        "One row for each member: coloured while it took itself for the leader, grey while it"
            + " followed, empty while it did not answer. Below: the term that each member was in; a"
            + " step up is an election.",
        "class",
        "quiet");
    List<String> legend = new ArrayList<>();
    int place = 0;
    for (String member : members.keySet()) {
      legend.addAll(List.of(Palette.series(place++), member + " leads"));
    }
    legend.addAll(List.of(Palette.FOLLOWER, "follows"));
    section.add(Page.legend(legend.toArray(String[]::new)));

    TimeChart chart = new TimeChart(history);
    double top = chart.band("leader, and its term", ROW_HEIGHT * members.size());
    place = 0;
    for (Map.Entry<String, List<MemberState>> member : members.entrySet()) {
      row(chart, member.getKey(), reigns(member.getValue()), top + place * ROW_HEIGHT, place);
      place++;
    }
    terms(chart, members, history);
    return section.add(chart.finish("leader and term of each member over time"));
  }

  static Map<String, List<MemberState>> members(History history) {
    Map<String, List<MemberState>> members = new TreeMap<>();
    for (MemberState state : history.memberStates()) {
      members.computeIfAbsent(state.node(), node -> new ArrayList<>()).add(state);
    }
    return members;
  }

  static List<Reign> reigns(List<MemberState> states) {
    long silenceNanos = silenceNanos(states);
    List<Reign> reigns = new ArrayList<>();
    for (MemberState state : states) {
      Reign last = reigns.isEmpty() ? null : reigns.get(reigns.size() - 1);
      boolean spoke = last != null && state.atNanos() - last.toNanos() <= silenceNanos;
      if (last != null && spoke) {
        reigns.set(
            reigns.size() - 1,
            new Reign(last.fromNanos(), state.atNanos(), last.term(), last.leader()));
      }
      if (last == null
          || !spoke
          || last.term() != state.term()
          || last.leader() != state.leader()) {
        reigns.add(new Reign(state.atNanos(), state.atNanos(), state.term(), state.leader()));
      }
    }
    return reigns;
  }

  private static long silenceNanos(List<MemberState> states) {
    long[] intervals = new long[states.size() - 1];
    for (int i = 0; i < intervals.length; i++) {
      intervals[i] = states.get(i + 1).atNanos() - states.get(i).atNanos();
    }
    Arrays.sort(intervals);
    long usual = intervals.length == 0 ? 0 : intervals[intervals.length / 2];
    return Math.max(SILENCE_NANOS_MIN, usual * INTERVALS_MISSED);
  }

  private static void row(
      TimeChart chart, String member, List<Reign> reigns, double top, int place) {
    TimeAxis axis = chart.axis();
    double middle = top + ROW_HEIGHT / 2;
    Markup body = chart.body();
    body.empty(
        "line",
        "x1",
        axis.left(),
        "x2",
        axis.right(),
        "y1",
        middle,
        "y2",
        middle,
        "stroke",
        Palette.GRID);
    body.element(
        "text",
        member,
        "x",
        axis.left() - 7,
        "y",
        middle + 4,
        "text-anchor",
        "end",
        "font-size",
        12,
        "fill",
        Palette.INK);
    for (Reign reign : reigns) {
      double x = axis.x(reign.fromNanos());
      double width = Math.max(1, axis.x(reign.toNanos()) - x);
      double height = reign.leader() ? BAR_HEIGHT : BAR_HEIGHT / 3;
      body.open(
              "rect",
              "class",
              reign.leader() ? "tip leader" : "tip follower",
              "x",
              x,
              "y",
              middle - height / 2,
              "width",
              width,
              "height",
              height,
              "fill",
              reign.leader() ? Palette.series(place) : Palette.FOLLOWER)
          .element("title", words(member, reign))
          .close("rect");
      String term = Long.toString(reign.term());
      String text = width > (term.length() + 5) * LETTER_WIDTH + 8 ? "term " + term : term;
      if (reign.leader() && width > text.length() * LETTER_WIDTH + 4) {
        body.element(
            "text",
            text,
            "x",
            x + width / 2,
            "y",
            middle + 4,
            "text-anchor",
            "middle",
            "font-size",
            11,
            "fill",
            "#fff",
            "pointer-events",
            "none");
      }
    }
  }

  private static String words(String member, Reign reign) {
    return member
        + (reign.leader() ? " leads" : " follows in")
        + " term "
        + reign.term()
        + "\n"
        + Quantities.time(reign.fromNanos())
        + " to "
        + Quantities.time(reign.toNanos());
  }

  private static void terms(
      TimeChart chart, Map<String, List<MemberState>> members, History history) {
    long least = history.memberStates().stream().mapToLong(MemberState::term).min().orElse(0);
    long most = history.memberStates().stream().mapToLong(MemberState::term).max().orElse(0);
    Panel panel =
        chart.panel(
            "term of each member", TERM_HEIGHT, Scale.whole(least, most), Quantities::number);
    int place = 0;
    for (List<MemberState> states : members.values()) {
      StringBuilder path = new StringBuilder();
      long lastNanos = Long.MIN_VALUE;
      // Side by side where members agree, so that none hides another.
      double shift = (place - (members.size() - 1) / 2.0) * 2.4;
      for (Reign reign : reigns(states)) {
        String y = Markup.coordinate(panel.y((double) reign.term()) + shift);
        path.append(reign.fromNanos() == lastNanos ? 'L' : 'M')
            .append(Markup.coordinate(chart.axis().x(reign.fromNanos())))
            .append(' ')
            .append(y)
            .append('L')
            .append(Markup.coordinate(chart.axis().x(reign.toNanos())))
            .append(' ')
            .append(y);
        lastNanos = reign.toNanos();
      }
      chart
          .body()
          .empty(
              "path",
              "d",
              path,
              "fill",
              "none",
              "stroke",
              Palette.series(place++),
              "stroke-width",
              1.8,
              "stroke-linecap",
              "round");
    }
  }
}
