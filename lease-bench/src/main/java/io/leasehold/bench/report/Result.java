package io.leasehold.bench.report;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leasehold.bench.load.Account;
import io.leasehold.bench.load.Latencies;
import io.leasehold.bench.measure.CpuUse;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a scenario gave.
 *
 * @param warmUpSeconds of the same load before, which count for nothing
 * @param seconds that were measured
 * @param errors how many operations failed, by gRPC status
 * @param firstError in words; empty when there was none
 */
public record Result(
    String scenario,
    double warmUpSeconds,
    double seconds,
    List<Figure> figures,
    Map<String, Long> errors,
    String firstError,
    CpuUse cpu) {
  private static final Gson GSON = new GsonBuilder().serializeNulls().create();
  private static final MathContext DIGITS = new MathContext(5);
  private static final double MICROS_IN_SECOND = 1e6;

  public Result {
    figures = List.copyOf(figures);
    errors = Map.copyOf(errors);
  }

  /** Of a load: how much was done, how long that took, and what it cost. */
  public static Result of(String scenario, double warmUpSeconds, Account account, CpuUse cpu) {
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.higher("perSecond", account.perSecond()));
    figures.addAll(figures("", account.latencies()));
    account.series().forEach((name, values) -> figures.addAll(figures(name, values)));
    figures.add(Figure.fact("operations", account.operations()));
    if (account.operations() > 0) {
      figures.add(
          Figure.fact(
              "generatorMicrosEach",
              cpu.generatorSeconds() * MICROS_IN_SECOND / account.operations()));
    }
    if (!cpu.serverSeconds().isEmpty() && account.operations() > 0) {
      figures.add(
          Figure.lower(
              "serverMicrosEach", cpu.serversSeconds() * MICROS_IN_SECOND / account.operations()));
    }
    return new Result(
        scenario,
        warmUpSeconds,
        account.seconds(),
        figures,
        errorsOf(account),
        account.firstError(),
        cpu);
  }

  /** Of something that a load does not say by itself. */
  public static Result of(
      String scenario,
      double warmUpSeconds,
      double seconds,
      List<Figure> figures,
      Account account,
      CpuUse cpu) {
    return new Result(
        scenario, warmUpSeconds, seconds, figures, errorsOf(account), account.firstError(), cpu);
  }

  private static Map<String, Long> errorsOf(Account account) {
    Map<String, Long> errors = new TreeMap<>();
    account.errors().forEach((code, count) -> errors.put(code.name(), count));
    return errors;
  }

  /** The usual figures of how long something took; {@code what} is put before their names. */
  public static List<Figure> figures(String what, Latencies latencies) {
    return List.of(
        Figure.lower(named(what, "meanMillis"), latencies.meanMillis()),
        Figure.lower(named(what, "p50Millis"), latencies.millis(50)),
        Figure.lower(named(what, "p99Millis"), latencies.millis(99)),
        Figure.lower(named(what, "p99.9Millis"), latencies.millis(99.9)),
        Figure.lower(named(what, "maxMillis"), latencies.maxMillis()));
  }

  private static String named(String what, String figure) {
    return what.isEmpty() ? figure : what + "." + figure;
  }

  /** Returns a figure's value; null when there is no such figure. */
  public @Nullable Figure figure(String name) {
    return figures.stream().filter(figure -> figure.name().equals(name)).findFirst().orElse(null);
  }

  /** As {@link #figure}; NaN when there is no such figure. */
  public double value(String name) {
    Figure figure = figure(name);
    return figure == null ? Double.NaN : figure.value();
  }

  /** Returns the same with further figures, which come first. */
  public Result with(Figure... further) {
    List<Figure> all = new ArrayList<>(List.of(further));
    all.addAll(figures);
    return new Result(scenario, warmUpSeconds, seconds, all, errors, firstError, cpu);
  }

  public long errorCount() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Returns it as one line of JSON.
   *
   * @param run what it was measured on, and when: fields that come first
   */
  public String json(Map<String, ?> run) {
    JsonObject line = new JsonObject();
    run.forEach((name, value) -> line.add(name, GSON.toJsonTree(value)));
    line.addProperty("scenario", scenario);
    line.add("warmUpSeconds", number(warmUpSeconds));
    line.add("seconds", number(seconds));
    JsonObject values = new JsonObject();
    figures.forEach(figure -> values.add(figure.name(), number(figure.value())));
    line.add("figures", values);
    line.add("errors", GSON.toJsonTree(new TreeMap<>(errors)));
    if (!firstError.isEmpty()) {
      line.addProperty("firstError", firstError);
    }
    line.add("generatorCpuSeconds", number(cpu.generatorSeconds()));
    JsonObject servers = new JsonObject();
    cpu.serverSeconds().forEach((name, spent) -> servers.add(name, number(spent)));
    line.add("serverCpuSeconds", servers);
    line.add("foreignCpuShare", number(cpu.foreignShare()));
    return GSON.toJson(line);
  }

  /** Whole numbers as they are, others to a few digits; null for what is no number. */
  private static JsonElement number(double value) {
    if (!Double.isFinite(value)) {
      return JsonNull.INSTANCE;
    }
    return value == Math.rint(value)
        ? new JsonPrimitive((long) value)
        : new JsonPrimitive(new BigDecimal(new BigDecimal(value).round(DIGITS).toPlainString()));
  }
}
