package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Counter;
import io.leasehold.jepsen.history.FaultWindow;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.history.WatchAnswer;
import java.util.Map;
import java.util.TreeMap;

/**
 * What happened in a run, and how often. A run in which too little happened proves nothing.
 *
 * <p>Names: {@code ops}, {@code ops ok}, {@code ops fail}, {@code ops info}, {@code ops ok per
 * second}, {@code leases}, {@code leases ended}, {@code grants at stake}, {@code puts at stake} and
 * {@code transactions at stake}, which were acknowledged before the last fault began, {@code
 * renewals acknowledged}, {@code leader changes}, {@code faults}, {@code fault <kind>}, {@code
 * watch events}, {@code locks taken}, {@code stalled share}, and {@code counter <name>} for what
 * members counted, over all of them.
 */
public final class Counters {
  private Counters() {}

  public static Map<String, Double> of(Evidence evidence) {
    History history = evidence.history();
    Map<String, Double> counters = new TreeMap<>();
    long lastFaultNanos =
        history.faults().stream().mapToLong(FaultWindow::fromNanos).max().orElse(0);
    for (Op op : history.ops()) {
      add(counters, "ops", 1);
      add(counters, "ops " + name(op.result()), 1);
      if (op.answer() instanceof Answer.Granted) {
        add(counters, "leases", 1);
      } else if (op.answer() instanceof Answer.Renewed renewed && renewed.isAlive()) {
        add(counters, "renewals acknowledged", 1);
      } else if (op.answer() instanceof Answer.Acquired) {
        add(counters, "locks taken", 1);
      }
      if (op.isOk() && op.returnedNanos() < lastFaultNanos) {
        addAtStake(counters, op);
      }
    }
    for (LeaseLife life : evidence.leases().all()) {
      add(counters, "leases ended", life.grant() != null && life.dead() != null ? 1 : 0);
    }
    for (FaultWindow fault : history.faults()) {
      add(counters, "faults", 1);
      add(counters, "fault " + fault.kind(), 1);
    }
    for (WatchAnswer answer : history.all(WatchAnswer.class)) {
      add(counters, "watch events", answer.events().size());
    }
    for (Counter counter : history.all(Counter.class)) {
      add(counters, "counter " + counter.name(), (double) counter.value());
    }
    add(counters, "leader changes", LeaderChangeLateness.leaderChanges(evidence).size());
    double seconds = history.endNanos() / 1e9;
    if (seconds > 0) {
      add(counters, "ops ok per second", counters.getOrDefault("ops ok", 0.0) / seconds);
      add(
          counters,
          "stalled share",
          (double) history.stalledNanos(0, history.endNanos()) / history.endNanos());
    }
    return counters;
  }

  private static void addAtStake(Map<String, Double> counters, Op op) {
    if (op.request() instanceof Request.Grant) {
      add(counters, "grants at stake", 1);
    } else if (op.request() instanceof Request.Put) {
      add(counters, "puts at stake", 1);
    } else if (op.request() instanceof Request.Txn) {
      add(counters, "transactions at stake", 1);
    }
  }

  private static String name(Result result) {
    return switch (result) {
      case OK -> "ok";
      case FAIL -> "fail";
      case INFO -> "info";
    };
  }

  private static void add(Map<String, Double> counters, String name, double count) {
    counters.merge(name, count, Double::sum);
  }
}
