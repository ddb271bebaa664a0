package io.leasehold.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Results of two programs that took turns, and for each figure how much better the first one is:
 * pair by pair, since only what ran one after the other was measured under the same conditions.
 */
public final class Comparison {
  private final String first;
  private final String second;

  /** By scenario, and in the order of the rounds. */
  private final Map<String, List<Measurement>> firsts = new LinkedHashMap<>();

  private final Map<String, List<Measurement>> seconds = new LinkedHashMap<>();

  public Comparison(String first, String second) {
    this.first = first;
    this.second = second;
  }

  public void addFirst(Measurement measured) {
    firsts.computeIfAbsent(measured.scenario(), any -> new ArrayList<>()).add(measured);
  }

  public void addSecond(Measurement measured) {
    seconds.computeIfAbsent(measured.scenario(), any -> new ArrayList<>()).add(measured);
  }

  /**
   * How much better the first is.
   *
   * @param ratios of the pairs, in the order of the rounds: 2 says that the first is twice as good
   */
  public record Row(
      String scenario,
      String figure,
      double firstMedian,
      double secondMedian,
      List<Double> ratios) {
    public Row {
      ratios = List.copyOf(ratios);
    }

    public double medianRatio() {
      return median(ratios);
    }
  }

  /** Returns a row for each figure of which one value is better than another. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    firsts.forEach(
        (scenario, ours) -> {
          List<Measurement> theirs = seconds.getOrDefault(scenario, List.of());
          int pairs = Math.min(ours.size(), theirs.size());
          if (pairs > 0) {
            for (Figure figure : ours.get(0).result().figures()) {
              if (figure.better() != Figure.Better.NEITHER) {
                rows.add(row(figure, ours.subList(0, pairs), theirs.subList(0, pairs)));
              }
            }
          }
        });
    return rows;
  }

  private static Row row(Figure figure, List<Measurement> ours, List<Measurement> theirs) {
    List<Double> our = values(figure, ours);
    List<Double> their = values(figure, theirs);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < our.size(); i++) {
      ratios.add(
          figure.better() == Figure.Better.HIGHER
              ? our.get(i) / their.get(i)
              : their.get(i) / our.get(i));
    }
    return new Row(ours.get(0).scenario(), figure.name(), median(our), median(their), ratios);
  }

  private static List<Double> values(Figure figure, List<Measurement> measured) {
    return measured.stream().map(each -> each.result().value(figure.name())).toList();
  }

  /** Returns the value in the middle, or the mean of the two there; NaN when there is none. */
  static double median(List<Double> values) {
    double[] sorted =
        values.stream()
            .mapToDouble(Double::doubleValue)
            .filter(value -> !Double.isNaN(value))
            .sorted()
            .toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  @Override
  public String toString() {
    Table table = new Table();
    table.row("scenario", "figure", first, second, "better by", "pairs");
    String last = "";
    for (Row row : rows()) {
      if (!row.scenario().equals(last)) {
        table.row(row.scenario(), "on", on(firsts, row), on(seconds, row), "", "");
        last = row.scenario();
      }
      StringBuilder pairs = new StringBuilder();
      for (double ratio : row.ratios()) {
        pairs.append(pairs.isEmpty() ? "" : " ").append(ratio(ratio));
      }
      table.row(
          "",
          row.figure(),
          Table.number(row.firstMedian()),
          Table.number(row.secondMedian()),
          ratio(row.medianRatio()),
          pairs.toString());
    }
    return table.toString();
  }

  /** Says on what it was measured; the rounds do not differ in that. */
  private static String on(Map<String, List<Measurement>> measured, Row row) {
    return measured.getOrDefault(row.scenario(), List.of()).get(0).conditions().inWords();
  }

  private static String ratio(double ratio) {
    return Double.isNaN(ratio) ? "-" : String.format(Locale.ROOT, "%.2fx", ratio);
  }
}
