package io.leasehold.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Results as people read them. */
public final class ResultTable {
  private ResultTable() {}

  /** A figure a line: scenarios do not have the same. */
  public static Table of(List<Measurement> measurements) {
    Table table = new Table().ofWords();
    for (Measurement measurement : measurements) {
      Result result = measurement.result();
      table.row(result.scenario(), "on", measurement.conditions().inWords());
      for (Figure figure : result.figures()) {
        table.row("", figure.name(), Table.number(figure.value()));
      }
      if (result.errorCount() > 0) {
        table.row("", "errors", result.errors() + ", first " + result.firstError());
      }
      table.row(
          "",
          "processor seconds",
          String.format(
              Locale.ROOT,
              "%.1f generator, %s, foreign %s %%",
              result.cpu().generatorSeconds(),
              result.cpu().serverSeconds().entrySet().stream()
                  .map(
                      server ->
                          String.format(Locale.ROOT, "%.1f %s", server.getValue(), server.getKey()))
                  .collect(Collectors.joining(", ")),
              Table.number(result.cpu().foreignShare() * 100)));
    }
    return table;
  }
}
