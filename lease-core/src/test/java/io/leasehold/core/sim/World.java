package io.leasehold.core.sim;

import java.util.Locale;
import java.util.PriorityQueue;
import java.util.Random;

/** True time, the events to come, the dice, and the trace of one simulation. */
final class World {
  static final long MILLI = 1_000_000;
  static final long SECOND = 1_000_000_000;

  private record Event(long atNanos, long order, Runnable action) {}

  final Random random;
  final boolean tracing;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          (a, b) ->
              a.atNanos() != b.atNanos()
                  ? Long.compare(a.atNanos(), b.atNanos())
                  : Long.compare(a.order(), b.order()));
  private long nowNanos;
  private long order;
  private long steps;

  World(long seed, boolean tracing) {
    this.random = new Random(seed);
    this.tracing = tracing;
  }

  long now() {
    return nowNanos;
  }

  long steps() {
    return steps;
  }

  void at(long atNanos, Runnable action) {
    events.add(new Event(Math.max(atNanos, nowNanos), order++, action));
  }

  void after(long nanos, Runnable action) {
    at(nowNanos + nanos, action);
  }

  /** Runs the next event, if it is due before {@code untilNanos}. */
  boolean step(long untilNanos) {
    Event next = events.peek();
    if (next == null || next.atNanos() > untilNanos) {
      return false;
    }
    events.remove();
    nowNanos = next.atNanos();
    steps++;
    next.action().run();
    return true;
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  long between(long minNanos, long maxNanos) {
    return minNanos + (long) (random.nextDouble() * (maxNanos - minNanos));
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a dependency of its own
  void trace(String format, Object... args) {
    if (tracing) {
      System.out.printf(
          Locale.ROOT, "%10.3f  %s%n", nowNanos / 1e9, String.format(Locale.ROOT, format, args));
    }
  }
}
