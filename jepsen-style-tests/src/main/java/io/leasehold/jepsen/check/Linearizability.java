package io.leasehold.jepsen.check;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Searches an order in which the calls on one register can have taken effect, as Wing and Gong do,
 * with Lowe's memory of what was tried before. It knows nothing of revisions, and so is a witness
 * of its own beside {@link StrictSerializability}.
 *
 * <p>The search is exponential at worst, so it has a budget of steps; when that ends, nothing is
 * said. Keep to 10 clients and 200 calls a key, and give a client another key after an unknown
 * outcome: a call that may still happen overlaps all that follows.
 */
public final class Linearizability {
  private final long stepsMax;

  /**
   * A search with a budget.
   *
   * @param stepsMax for one register, after which the answer is {@link Ruling#UNKNOWN}
   */
  public Linearizability(long stepsMax) {
    this.stepsMax = stepsMax;
  }

  /** What a call does to the register. */
  public enum Kind {
    READ,
    WRITE,
    /** Writes if the register holds what is expected. */
    COMPARE_AND_SET
  }

  /**
   * A call on one register.
   *
   * @param expected by a compare-and-set; null for a register that was never written
   * @param value written or read; null for a read of a register that was never written
   * @param succeeded of a compare-and-set that was answered
   * @param certain whether it was answered; if not, it takes effect at any time from its sending
   *     on, or never
   */
  public record Call(
      Kind kind,
      @Nullable String expected,
      @Nullable String value,
      boolean succeeded,
      boolean certain,
      long invokedNanos,
      long returnedNanos) {

    public static Call read(@Nullable String value, long invokedNanos, long returnedNanos) {
      return new Call(Kind.READ, null, value, true, true, invokedNanos, returnedNanos);
    }

    public static Call write(String value, long invokedNanos, long returnedNanos) {
      return new Call(Kind.WRITE, null, value, true, true, invokedNanos, returnedNanos);
    }

    public static Call compareAndSet(
        @Nullable String expected,
        String value,
        boolean succeeded,
        long invokedNanos,
        long returnedNanos) {
      return new Call(
          Kind.COMPARE_AND_SET, expected, value, succeeded, true, invokedNanos, returnedNanos);
    }

    /** The same call, with an outcome that nobody knows. */
    public Call unanswered() {
      return new Call(kind, expected, value, succeeded, false, invokedNanos, Long.MAX_VALUE);
    }
  }

  /**
   * What the search found.
   *
   * @param prefix the longest order that was found, up to all that was answered
   * @param stuck what could not be placed after it, if anything
   */
  public record Search(Ruling ruling, long steps, List<Call> prefix, List<Call> stuck) {}

  /** Searches an order of the calls on one register that nothing was written to before. */
  public Search search(List<Call> calls) {
    List<Call> relevant = new ArrayList<>();
    for (Call call : calls) {
      // What nobody was answered shows nothing, and a read changes nothing.
      if (call.certain() || call.kind() != Kind.READ) {
        relevant.add(call);
      }
    }
    relevant.sort(Comparator.comparingLong(Call::invokedNanos));
    return new Attempt(relevant).run();
  }

  /** One search: a list of sendings and answers that calls are lifted from and put back into. */
  private final class Attempt {
    private final List<Call> calls;
    private final int[] expected;
    private final int[] values;
    private final Entry head = new Entry(-1, false);
    private final Set<Configuration> tried = new HashSet<>();
    private final List<Entry> lifted = new ArrayList<>();
    private final Deque<Integer> statesBefore = new ArrayDeque<>();
    private final long[] placed;
    private int unplacedCertain;
    private List<Call> longest = List.of();
    private List<Call> stuck = List.of();

    Attempt(List<Call> calls) {
      this.calls = calls;
      this.expected = new int[calls.size()];
      this.values = new int[calls.size()];
      this.placed = new long[(calls.size() + 63) / 64];
      Map<String, Integer> numbered = new HashMap<>();
      for (int i = 0; i < calls.size(); i++) {
        expected[i] = number(calls.get(i).expected(), numbered);
        values[i] = number(calls.get(i).value(), numbered);
        if (calls.get(i).certain()) {
          unplacedCertain++;
        }
      }
      link();
    }

    private int number(@Nullable String value, Map<String, Integer> numbered) {
      return value == null ? 0 : numbered.computeIfAbsent(value, key -> numbered.size() + 1);
    }

    /** Sorted by time; at the same time sendings come first, so that a tie is an overlap. */
    private void link() {
      List<Entry> entries = new ArrayList<>();
      for (int i = 0; i < calls.size(); i++) {
        Entry sent = new Entry(i, true);
        Entry answered = new Entry(i, false);
        sent.answer = answered;
        entries.add(sent);
        entries.add(answered);
      }
      entries.sort(
          Comparator.comparingLong(this::nanos).thenComparingInt(entry -> entry.isSending ? 0 : 1));
      Entry last = head;
      for (Entry entry : entries) {
        last.next = entry;
        entry.previous = last;
        last = entry;
      }
    }

    private long nanos(Entry entry) {
      Call call = calls.get(entry.call);
      return entry.isSending ? call.invokedNanos() : call.returnedNanos();
    }

    Search run() {
      int state = 0;
      long steps = 0;
      Entry entry = head.next;
      while (unplacedCertain > 0) {
        if (++steps > stepsMax) {
          return new Search(Ruling.UNKNOWN, steps, longest, stuck);
        }
        // Unanswered calls have their answer at the end of all time, after every certain one.
        if (entry != null && entry.isSending) {
          int after = apply(entry.call, state);
          if (after >= 0 && isNew(entry.call, after)) {
            lifted.add(entry);
            statesBefore.addLast(state);
            state = after;
            lift(entry);
            entry = head.next;
          } else {
            entry = entry.next;
          }
          continue;
        }
        noteIfLongest();
        if (lifted.isEmpty()) {
          return new Search(Ruling.VIOLATED, steps, longest, stuck);
        }
        Entry back = lifted.remove(lifted.size() - 1);
        state = statesBefore.removeLast();
        putBack(back);
        entry = back.next;
      }
      List<Call> order = lifted.stream().map(each -> calls.get(each.call)).toList();
      return new Search(Ruling.OK, steps, order, List.of());
    }

    /** The register's value afterwards, or -1 if the call cannot have been answered like that. */
    private int apply(int index, int state) {
      Call call = calls.get(index);
      return switch (call.kind()) {
        case READ -> values[index] == state ? state : -1;
        case WRITE -> values[index];
        case COMPARE_AND_SET -> {
          boolean matches = expected[index] == state;
          if (call.certain() && call.succeeded() != matches) {
            yield -1;
          }
          yield matches ? values[index] : state;
        }
      };
    }

    private boolean isNew(int index, int state) {
      long[] after = placed.clone();
      after[index >> 6] |= 1L << index;
      return tried.add(new Configuration(after, state));
    }

    private void lift(Entry entry) {
      placed[entry.call >> 6] |= 1L << entry.call;
      if (calls.get(entry.call).certain()) {
        unplacedCertain--;
      }
      entry.unlink();
      answerOf(entry).unlink();
    }

    private void putBack(Entry entry) {
      answerOf(entry).relink();
      entry.relink();
      placed[entry.call >> 6] &= ~(1L << entry.call);
      if (calls.get(entry.call).certain()) {
        unplacedCertain++;
      }
    }

    private void noteIfLongest() {
      boolean noted = !stuck.isEmpty() && lifted.size() == longest.size();
      if (noted || lifted.size() < longest.size()) {
        return;
      }
      longest = lifted.stream().map(each -> calls.get(each.call)).toList();
      List<Call> open = new ArrayList<>();
      for (Entry entry = head.next; entry != null && entry.isSending; entry = entry.next) {
        if (calls.get(entry.call).certain()) {
          open.add(calls.get(entry.call));
        }
      }
      stuck = List.copyOf(open);
    }
  }

  private static Entry answerOf(Entry entry) {
    Entry answer = entry.answer;
    if (answer == null) {
      throw new IllegalStateException("only sendings are lifted");
    }
    return answer;
  }

  /** The sending or the answer of a call, in the list of what is not placed yet. */
  private static final class Entry {
    private final int call;
    private final boolean isSending;
    private @Nullable Entry answer;
    private @Nullable Entry previous;
    private @Nullable Entry next;

    Entry(int call, boolean isSending) {
      this.call = call;
      this.isSending = isSending;
    }

    void unlink() {
      if (previous != null) {
        previous.next = next;
      }
      if (next != null) {
        next.previous = previous;
      }
    }

    void relink() {
      if (previous != null) {
        previous.next = this;
      }
      if (next != null) {
        next.previous = this;
      }
    }
  }

  /** What was placed, and what the register held then. The same again leads nowhere new. */
  private static final class Configuration {
    private final long[] placed;
    private final int state;

    Configuration(long[] placed, int state) {
      this.placed = placed;
      this.state = state;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Configuration that
          && state == that.state
          && Arrays.equals(placed, that.placed);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(placed) + state;
    }
  }
}
