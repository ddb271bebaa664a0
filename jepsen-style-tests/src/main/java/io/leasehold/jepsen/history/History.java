package io.leasehold.jepsen.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** What one run recorded. Operations are sorted by the time at which they were sent. */
public final class History {
  private final List<Entry> entries;
  private final List<Op> ops;
  private final List<FaultWindow> faults;
  private final List<Stall> stalls;
  private final List<MemberState> memberStates;
  private final long endNanos;

  public History(List<? extends Entry> entries) {
    this.entries = List.copyOf(entries);
    List<Op> sorted = new ArrayList<>(all(Op.class));
    sorted.sort(Comparator.comparingLong(Op::invokedNanos));
    this.ops = List.copyOf(sorted);
    this.faults = all(FaultWindow.class);
    List<Stall> stalled = new ArrayList<>(all(Stall.class));
    stalled.sort(Comparator.comparingLong(Stall::fromNanos));
    this.stalls = List.copyOf(stalled);
    List<MemberState> states = new ArrayList<>(all(MemberState.class));
    states.sort(Comparator.comparingLong(MemberState::atNanos));
    this.memberStates = List.copyOf(states);
    this.endNanos = this.entries.stream().mapToLong(History::lastNanos).max().orElse(0);
  }

  public static History of(Entry... entries) {
    return new History(List.of(entries));
  }

  /** All lines, in the order of the file. */
  public List<Entry> entries() {
    return entries;
  }

  /** The lines of one kind, in the order of the file. */
  public <E extends Entry> List<E> all(Class<E> kind) {
    return entries.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  public List<Op> ops() {
    return ops;
  }

  public List<FaultWindow> faults() {
    return faults;
  }

  /** Sorted by time; one canary notes them, so that they do not overlap. */
  public List<Stall> stalls() {
    return stalls;
  }

  /** Sorted by time. */
  public List<MemberState> memberStates() {
    return memberStates;
  }

  /** The last time that is recorded anywhere. */
  public long endNanos() {
    return endNanos;
  }

  /** When this part of the run began, if it did. */
  public OptionalLong begin(String phase) {
    return all(Phase.class).stream()
        .filter(begun -> begun.name().equals(phase))
        .mapToLong(Phase::atNanos)
        .min();
  }

  /** How long the members took to start when nothing was broken; 0 if nobody noted it. */
  public long startNanos() {
    return all(Counter.class).stream()
        .filter(counter -> counter.name().equals(Counter.START_MILLIS))
        .mapToLong(counter -> TimeUnit.MILLISECONDS.toNanos(counter.value()))
        .max()
        .orElse(0);
  }

  /** How much of an interval the harness itself was stalled. */
  public long stalledNanos(long fromNanos, long toNanos) {
    long stalled = 0;
    for (int i = firstStallThatEndsAfter(fromNanos);
        i < stalls.size() && stalls.get(i).fromNanos() < toNanos;
        i++) {
      Stall stall = stalls.get(i);
      stalled += Math.min(toNanos, stall.toNanos()) - Math.max(fromNanos, stall.fromNanos());
    }
    return stalled;
  }

  private int firstStallThatEndsAfter(long nanos) {
    int low = 0;
    int high = stalls.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (stalls.get(middle).toNanos() > nanos) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  /** When all that a line tells had come to pass; 0 if it does not say. */
  public static long lastNanos(Entry entry) {
    if (entry instanceof Op op) {
      return op.returnedNanos();
    } else if (entry instanceof FaultWindow fault) {
      return fault.toNanos();
    } else if (entry instanceof Stall stall) {
      return stall.toNanos();
    } else if (entry instanceof Phase phase) {
      return phase.atNanos();
    } else if (entry instanceof MemberState state) {
      return state.atNanos();
    } else if (entry instanceof FencedWrite write) {
      return write.atNanos();
    } else if (entry instanceof WatchOpened opened) {
      return opened.atNanos();
    } else if (entry instanceof WatchAnswer answer) {
      return answer.atNanos();
    } else if (entry instanceof WatchClosed closed) {
      return closed.atNanos();
    }
    return 0;
  }
}
