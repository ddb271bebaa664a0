package io.leasehold.jepsen.run;

import io.leasehold.jepsen.cluster.Backend;
import io.leasehold.jepsen.cluster.Repository;
import io.leasehold.jepsen.cluster.Target;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** What was asked for on the command line: {@code --name value}, and words without a name. */
final class Arguments {
  private static final Set<String> NAMES =
      Set.of(
          "workload",
          "bug",
          "faults",
          "seconds",
          "seed",
          "size",
          "backend",
          "target",
          "checkpoint-seconds",
          "snapshot-count",
          "hours",
          "keep-going",
          "continue",
          "out");
  private static final String RUNS = "jepsen-style-tests/target/runs";
  private static final int SECONDS = 120;
  private static final int SIZE = 3;

  private final Map<String, String> named = new HashMap<>();
  private final List<String> words = new ArrayList<>();

  /**
   * Reads arguments.
   *
   * @throws IllegalArgumentException with what to write instead
   */
  Arguments(List<String> arguments) {
    for (Iterator<String> each = arguments.iterator(); each.hasNext(); ) {
      String argument = each.next();
      if (!argument.startsWith("--")) {
        words.add(argument);
        continue;
      }
      String name = argument.substring(2);
      if (!NAMES.contains(name)) {
        throw new IllegalArgumentException(argument + ": there are only " + NAMES);
      }
      if (!each.hasNext()) {
        throw new IllegalArgumentException(argument + " has no value");
      }
      named.put(name, each.next());
    }
  }

  /** Returns the one word without a name. */
  String word(String what) {
    if (words.size() != 1) {
      throw new IllegalArgumentException("name " + what);
    }
    return words.get(0);
  }

  /** Returns the words without names, of which there is at least one. */
  List<String> words(String what) {
    if (words.isEmpty()) {
      throw new IllegalArgumentException("name " + what);
    }
    return List.copyOf(words);
  }

  boolean has(String name) {
    return named.containsKey(name);
  }

  String text(String name, String otherwise) {
    return named.getOrDefault(name, otherwise);
  }

  double number(String name, double otherwise) {
    String value = named.get(name);
    try {
      return value == null ? otherwise : Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--" + name + " " + value + ": is no number", e);
    }
  }

  List<String> names(String name, List<String> otherwise) {
    String value = named.get(name);
    return value == null ? otherwise : List.of(value.split(",", -1));
  }

  long seed() {
    String value = named.get("seed");
    try {
      return value == null || value.isEmpty()
          ? new SecureRandom().nextInt(1_000_000)
          : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--seed " + value + ": is no number", e);
    }
  }

  Path runs() {
    String out = named.get("out");
    return out == null ? Repository.root().resolve(RUNS) : Path.of(out).toAbsolutePath();
  }

  RunOrder order() {
    return order(text("faults", "leader-kill"), SECONDS);
  }

  /** As above, of a series, which names several workloads and groups of faults. */
  RunOrder order(String faults, int secondsOtherwise) {
    return order(faults, secondsOtherwise, RunOrder.SNAPSHOT_COUNT);
  }

  /** As above, of a series that is about snapshots. */
  RunOrder order(String faults, int secondsOtherwise, int snapshotCountOtherwise) {
    return new RunOrder(
        text("workload", "lease-renew"),
        faults,
        (int) number("seconds", secondsOtherwise),
        seed(),
        (int) number("size", SIZE),
        Backend.valueOf(
            text("backend", RunOrder.backendFor(faults).name()).toUpperCase(Locale.ROOT)),
        Target.valueOf(text("target", Target.LEASEHOLD.name()).toUpperCase(Locale.ROOT)),
        (int) number("checkpoint-seconds", RunOrder.CHECKPOINT_SECONDS),
        (int) number("snapshot-count", snapshotCountOtherwise));
  }
}
