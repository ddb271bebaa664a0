package io.leasehold.bench.run;

import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.cluster.Target;
import io.leasehold.bench.scenario.Options;
import io.leasehold.bench.scenario.Route;
import io.leasehold.bench.scenario.Scenario;
import io.leasehold.bench.scenario.Scenarios;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the user asks for.
 *
 * @param endpoints of somebody's members; empty for a cluster of our own
 * @param heap of each member's JVM
 * @param threads of the generator
 * @param json file that results are added to; null for none
 */
public record CommandLine(
    List<Scenario> scenarios,
    List<String> endpoints,
    Target target,
    int rounds,
    int members,
    String heap,
    int threads,
    Options options,
    @Nullable Path json) {
  static final String USAGE =
      """
      usage: bench COMMAND

        list                   say which scenarios there are
        run [SCENARIO..]       measure; without names, all that need no fresh cluster
        compare [SCENARIO..]   measure Leasehold and etcd in turn, and print how they compare
        ceiling [SCENARIO..]   measure the generator itself, against a server that only answers

      options:
        --target leasehold|etcd  what run starts; default leasehold
        --endpoints HOST:PORT,.. what run measures instead of members of its own
        --members N              default 3
        --heap SIZE              of a member's JVM; default 1g
        --seconds N              to measure, for each scenario
        --warm-up N              seconds of the same load before
        --leases N               to work with
        --rate N                 operations a second, timed from when they are due; default as many as go
        --through leader|follower|all
        --rounds N               default 2 for compare, 1 for run
        --threads N              of the generator; default 1
        --json FILE              where to add results, one line of JSON each
      """;

  private static final int MEMBERS = 3;
  private static final int THREADS_MAX = 64;

  /** Reads what follows the command. */
  static CommandLine parse(List<String> words, int defaultRounds) {
    List<Scenario> scenarios = new ArrayList<>();
    List<String> endpoints = List.of();
    Target target = Target.LEASEHOLD;
    int rounds = defaultRounds;
    int members = MEMBERS;
    String heap = "1g";
    int threads = 1;
    int seconds = 0;
    int warmUp = -1;
    int leases = 0;
    double rate = 0;
    Route route = null;
    Path json = null;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-")) {
        scenarios.add(Scenarios.named(word));
        continue;
      }
      if (i + 1 == words.size()) {
        throw new BenchException(word + ": has no value");
      }
      String value = words.get(++i);
      switch (word) {
        case "--target" -> target = Target.of(value);
        case "--endpoints" -> endpoints = Arrays.asList(value.split(",", -1));
        case "--members" -> members = number(word, value, 1, 9);
        case "--heap" -> heap = value;
        case "--seconds" -> seconds = number(word, value, 1, 100_000);
        case "--warm-up" -> warmUp = number(word, value, 0, 100_000);
        case "--leases" -> leases = number(word, value, 1, 16_000_000);
        case "--rate" -> rate = number(word, value, 1, 100_000_000);
        case "--through" -> route = route(value);
        case "--rounds" -> rounds = number(word, value, 1, 1000);
        case "--threads" -> threads = number(word, value, 1, THREADS_MAX);
        case "--json" -> json = Path.of(value);
        default -> throw new BenchException(word + ": no such option; see bench help");
      }
    }
    return new CommandLine(
        scenarios,
        endpoints,
        target,
        rounds,
        members,
        heap,
        threads,
        new Options(seconds, warmUp, leases, rate, route),
        json);
  }

  private static int number(String option, String value, int min, int max) {
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new BenchException(option + " " + value + ": not a number from " + min + " to " + max);
  }

  private static Route route(String value) {
    try {
      return Route.valueOf(value.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new BenchException("--through " + value + ": choose leader, follower or all");
    }
  }

  /** Returns the same with these scenarios, if none was named. */
  CommandLine or(List<Scenario> byDefault) {
    return scenarios.isEmpty()
        ? new CommandLine(
            byDefault, endpoints, target, rounds, members, heap, threads, options, json)
        : this;
  }
}
