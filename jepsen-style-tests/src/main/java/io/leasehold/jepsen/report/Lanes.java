package io.leasehold.jepsen.report;

import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Result;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where the operations of a window are drawn: a lane for each client, or for several that came one
 * after the other; as many rows in it as it did things at once.
 *
 * @param left how many operations of the window are not drawn
 */
record Lanes(List<Lane> each, int left) {
  /** More than these are not taken in at a glance. */
  static final int LANES_MAX = 48;

  private static final int LANES_OF_ONE_MAX = 16;
  private static final int ROWS_MAX = 8;

  Lanes {
    each = List.copyOf(each);
  }

  /** What is drawn of some clients. */
  static final class Lane {
    private final List<Long> processes = new ArrayList<>();
    private final List<List<Op>> rows = new ArrayList<>();
    private long endNanos = Long.MIN_VALUE;

    List<Long> processes() {
      return Collections.unmodifiableList(processes);
    }

    /** The operations of a row are drawn in their order; the last row may hold overlapping ones. */
    List<List<Op>> rows() {
      return Collections.unmodifiableList(rows);
    }

    private void add(long process, List<Op> ops) {
      processes.add(process);
      for (Op op : ops) {
        row(op).add(op);
        endNanos = Math.max(endNanos, op.returnedNanos());
      }
    }

    private List<Op> row(Op op) {
      for (List<Op> row : rows) {
        if (row.isEmpty() || row.get(row.size() - 1).returnedNanos() <= op.invokedNanos()) {
          return row;
        }
      }
      if (rows.size() < ROWS_MAX) {
        rows.add(new ArrayList<>());
      }
      return rows.get(rows.size() - 1);
    }
  }

  /**
   * Chooses what is drawn. What proves something is; then come those who asked about the same
   * lease, and those whose requests failed.
   *
   * @param ops of the window, in the order in which they were sent
   */
  static Lanes of(List<Op> ops, Proofs proofs, int opsMax) {
    Map<Long, List<Op>> byProcess = new TreeMap<>();
    for (Op op : ops) {
      byProcess.computeIfAbsent(op.process(), process -> new ArrayList<>()).add(op);
    }
    List<Long> ranked = new ArrayList<>(byProcess.keySet());
    ranked.sort(
        Comparator.comparingInt(
            process -> -rank(byProcess.getOrDefault(process, List.of()), proofs)));
    Map<Long, List<Op>> chosen = new TreeMap<>();
    int room = opsMax;
    for (long process : ranked) {
      List<Op> all = byProcess.getOrDefault(process, List.of());
      List<Op> drawn = all.size() <= room ? all : mostTelling(all, proofs, room);
      if (!drawn.isEmpty()) {
        chosen.put(process, drawn);
        room = Math.max(0, room - drawn.size());
      }
    }
    return pack(chosen, proofs, ops.size());
  }

  private static int rank(List<Op> ops, Proofs proofs) {
    int rank = 0;
    for (Op op : ops) {
      rank = Math.max(rank, rank(op, proofs));
    }
    return rank;
  }

  private static int rank(Op op, Proofs proofs) {
    if (!proofs.marks(op).isEmpty()) {
      return 3;
    } else if (proofs.isRelated(op)) {
      return 2;
    }
    return op.result() == Result.OK ? 0 : 1;
  }

  private static List<Op> mostTelling(List<Op> ops, Proofs proofs, int room) {
    List<Op> ranked = new ArrayList<>(ops);
    ranked.sort(Comparator.comparingInt(op -> -rank(op, proofs)));
    Set<Op> kept = new HashSet<>();
    for (Op op : ranked) {
      if (kept.size() < room || !proofs.marks(op).isEmpty()) {
        kept.add(op);
      }
    }
    return ops.stream().filter(kept::contains).toList();
  }

  private static Lanes pack(Map<Long, List<Op>> chosen, Proofs proofs, int all) {
    List<Long> processes = new ArrayList<>(chosen.keySet());
    boolean isShared = processes.size() > LANES_OF_ONE_MAX;
    if (isShared) {
      // Those that prove something come first, so that there is a lane for them.
      processes.sort(
          Comparator.<Long>comparingInt(
                  process -> rank(chosen.getOrDefault(process, List.of()), proofs) == 3 ? 0 : 1)
              .thenComparingLong(
                  process -> chosen.getOrDefault(process, List.of()).get(0).invokedNanos()));
    }
    List<Lane> lanes = new ArrayList<>();
    int drawn = 0;
    for (long process : processes) {
      List<Op> ops = chosen.getOrDefault(process, List.of());
      Lane lane = isShared ? free(lanes, ops.get(0).invokedNanos()) : null;
      boolean proves = rank(ops, proofs) == 3;
      if (lane == null && (lanes.size() < LANES_MAX || proves)) {
        lane = new Lane();
        lanes.add(lane);
      }
      if (lane != null) {
        lane.add(process, ops);
        drawn += ops.size();
      }
    }
    lanes.sort(Comparator.comparingLong(lane -> lane.processes().get(0)));
    return new Lanes(lanes, all - drawn);
  }

  private static @Nullable Lane free(List<Lane> lanes, long fromNanos) {
    for (Lane lane : lanes) {
      if (lane.endNanos < fromNanos) {
        return lane;
      }
    }
    return null;
  }
}
