package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.check.Linearizability.Call;
import io.leasehold.jepsen.check.Linearizability.Kind;
import io.leasehold.jepsen.check.Linearizability.Search;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LinearizabilityTest {
  private static final int BRUTE_FORCE_SEEDS = 6_000;
  private static final int MUTATION_SEEDS = 100;

  private final Linearizability search = new Linearizability(10_000_000);

  @Test
  void callsOneAfterTheOtherMustAgree() {
    fine(Call.read(null, 0, 1), Call.write("a", 2, 3), Call.read("a", 4, 5));
    refused(Call.write("a", 2, 3), Call.read(null, 4, 5));
    refused(Call.write("a", 0, 1), Call.write("b", 2, 3), Call.read("a", 4, 5));
  }

  @Test
  void overlappingCallsMayTakeEitherOrder() {
    fine(Call.write("a", 0, 5), Call.write("b", 1, 4), Call.read("a", 6, 7));
    fine(Call.write("a", 0, 5), Call.write("b", 1, 4), Call.read("b", 6, 7));
    refused(
        Call.write("a", 0, 5), Call.write("b", 1, 4), Call.read("a", 6, 7), Call.read("b", 8, 9));
  }

  @Test
  void aTieOfTheClockIsAnOverlap() {
    fine(Call.write("a", 0, 5), Call.read(null, 5, 9));
    refused(Call.write("a", 0, 5), Call.read(null, 6, 9));
  }

  @Test
  void aCompareAndSetTellsWhatItFound() {
    fine(Call.write("a", 0, 1), Call.compareAndSet("a", "b", true, 2, 3), Call.read("b", 4, 5));
    fine(Call.compareAndSet(null, "b", true, 2, 3), Call.read("b", 4, 5));
    fine(Call.write("a", 0, 1), Call.compareAndSet("x", "b", false, 2, 3), Call.read("a", 4, 5));
    refused(Call.write("a", 0, 1), Call.compareAndSet("a", "b", false, 2, 3));
    refused(Call.write("a", 0, 1), Call.compareAndSet("x", "b", true, 2, 3));
    refused(
        Call.write("a", 0, 1),
        Call.compareAndSet("a", "b", true, 2, 9),
        Call.compareAndSet("a", "c", true, 2, 9));
  }

  @Test
  void aCallOfUnknownOutcomeMayHappenLateOrNever() {
    Call unknown = Call.write("a", 0, 1).unanswered();
    fine(unknown, Call.read(null, 2, 3), Call.read("a", 4, 5));
    fine(unknown, Call.read(null, 2, 3));
    fine(unknown, Call.read("a", 2, 3));
    refused(unknown, Call.read("a", 2, 3), Call.read(null, 4, 5));
    refused(Call.read("a", 0, 1), Call.write("a", 2, 3).unanswered());
    fine(
        Call.write("x", 0, 1),
        Call.compareAndSet("x", "a", true, 2, 3).unanswered(),
        Call.read("a", 4, 5));
    refused(
        Call.write("x", 0, 1),
        Call.compareAndSet("y", "a", true, 2, 3).unanswered(),
        Call.read("a", 4, 5));
  }

  @Test
  void whatCannotBePlacedIsShown() {
    Call stale = Call.read("a", 6, 7);
    Call first = Call.write("a", 0, 1);
    Call second = Call.write("b", 2, 3);
    Call seen = Call.read("b", 4, 5);
    Search found = search.search(List.of(first, second, seen, stale, Call.read("b", 8, 9)));
    assertThat(found.ruling()).isEqualTo(Ruling.VIOLATED);
    assertThat(found.prefix()).containsExactly(first, second, seen);
    assertThat(found.stuck()).containsExactly(stale);
  }

  @Test
  void nothingIsSaidWhenTheBudgetEnds() {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      calls.add(Call.write("v" + i, 0, 1000));
    }
    calls.add(Call.read("nothing of these", 2000, 2001));
    assertThat(new Linearizability(10_000).search(calls).ruling()).isEqualTo(Ruling.UNKNOWN);
  }

  @Test
  void anOrderThatIsFoundIsAnOrder() {
    for (int seed = 0; seed < MUTATION_SEEDS; seed++) {
      List<Call> calls = legal(new Random(seed), 100);
      Search found = search.search(calls);
      assertThat(found.ruling()).as("seed %s", seed).isEqualTo(Ruling.OK);
      assertThat(isLegalOrder(found.prefix())).as("seed %s", seed).isTrue();
      assertThat(found.prefix()).containsAll(calls.stream().filter(Call::certain).toList());
    }
  }

  @Test
  void aLegalHistoryWithOneWrongReadIsRefused() {
    for (int seed = 0; seed < MUTATION_SEEDS; seed++) {
      Random random = new Random(seed);
      List<Call> calls = legal(random, 100);
      List<Call> reads = calls.stream().filter(call -> call.kind() == Kind.READ).toList();
      Call read = reads.get(random.nextInt(reads.size()));
      calls.remove(read);
      calls.add(Call.read("never written", read.invokedNanos(), read.returnedNanos()));
      assertThat(search.search(calls).ruling()).as("seed %s", seed).isEqualTo(Ruling.VIOLATED);
    }
  }

  @Test
  void aLegalHistoryThatLacksAWriteThatWasReadIsRefused() {
    for (int seed = 0; seed < MUTATION_SEEDS; seed++) {
      List<Call> calls = legal(new Random(seed), 100);
      List<Call> written =
          calls.stream()
              .filter(call -> call.kind() == Kind.WRITE)
              .filter(
                  write ->
                      calls.stream()
                          .anyMatch(
                              call ->
                                  call.kind() == Kind.READ
                                      && Objects.equals(call.value(), write.value())))
              .toList();
      calls.remove(written.get(seed % written.size()));
      assertThat(search.search(calls).ruling()).as("seed %s", seed).isEqualTo(Ruling.VIOLATED);
    }
  }

  @Test
  void bruteForceOverAllOrdersSaysTheSame() {
    int legal = 0;
    for (int seed = 0; seed < BRUTE_FORCE_SEEDS; seed++) {
      Random random = new Random(seed);
      List<Call> calls = arbitrary(random, 1 + random.nextInt(6));
      boolean expected = someOrderIsLegal(calls);
      legal += expected ? 1 : 0;
      assertThat(search.search(calls).ruling())
          .as("seed %s: %s", seed, calls)
          .isEqualTo(expected ? Ruling.OK : Ruling.VIOLATED);
    }
    // Both must have been tried.
    assertThat(legal).isBetween(BRUTE_FORCE_SEEDS / 10, BRUTE_FORCE_SEEDS * 9 / 10);
  }

  private void fine(Call... calls) {
    assertThat(search.search(List.of(calls)).ruling()).isEqualTo(Ruling.OK);
  }

  private void refused(Call... calls) {
    assertThat(search.search(List.of(calls)).ruling()).isEqualTo(Ruling.VIOLATED);
  }

  /** Calls that take effect at times of their own, and answer accordingly. */
  private static List<Call> legal(Random random, int count) {
    List<Call> calls = new ArrayList<>();
    @Nullable String state = null;
    for (int i = 0; i < count; i++) {
      long at = 100 + 10L * i;
      long from = at - random.nextInt(40);
      long to = at + random.nextInt(40);
      Call call;
      switch (random.nextInt(4)) {
        case 0 -> {
          state = "v" + i;
          call = Call.write(state, from, to);
        }
        case 1 -> {
          String expected = random.nextBoolean() ? state : "other";
          boolean matches = Objects.equals(expected, state);
          call = Call.compareAndSet(expected, "v" + i, matches, from, to);
          state = matches ? "v" + i : state;
        }
        default -> call = Call.read(state, from, to);
      }
      boolean unknown = call.kind() != Kind.READ && random.nextInt(20) == 0;
      calls.add(unknown ? call.unanswered() : call);
    }
    return calls;
  }

  /** Calls that may or may not have an order. */
  private static List<Call> arbitrary(Random random, int count) {
    List<Call> calls = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long from = random.nextInt(12);
      long to = from + random.nextInt(8);
      String value = "v" + random.nextInt(2);
      @Nullable String known = random.nextInt(3) == 0 ? null : "v" + random.nextInt(2);
      Call call =
          switch (random.nextInt(3)) {
            case 0 -> Call.write(value, from, to);
            case 1 -> Call.compareAndSet(known, value, random.nextBoolean(), from, to);
            default -> Call.read(known, from, to);
          };
      calls.add(random.nextInt(5) == 0 ? call.unanswered() : call);
    }
    return calls;
  }

  private static boolean someOrderIsLegal(List<Call> calls) {
    return someOrderIsLegal(calls, new ArrayList<>());
  }

  /** Tries every sequence of any of the calls; it is written to be obviously right. */
  private static boolean someOrderIsLegal(List<Call> calls, List<Call> order) {
    boolean complete =
        calls.stream().filter(Call::certain).allMatch(call -> containsSame(order, call));
    if (complete && isLegalOrder(order)) {
      return true;
    }
    for (Call call : calls) {
      if (!containsSame(order, call)) {
        order.add(call);
        if (someOrderIsLegal(calls, order)) {
          return true;
        }
        order.remove(order.size() - 1);
      }
    }
    return false;
  }

  @SuppressWarnings("ReferenceEquality")
  private static boolean containsSame(List<Call> calls, Call wanted) {
    return calls.stream().anyMatch(call -> call == wanted);
  }

  private static boolean isLegalOrder(List<Call> order) {
    @Nullable String state = null;
    for (int i = 0; i < order.size(); i++) {
      Call call = order.get(i);
      for (int later = i + 1; later < order.size(); later++) {
        if (order.get(later).returnedNanos() < call.invokedNanos()) {
          return false;
        }
      }
      boolean matches = Objects.equals(call.expected(), state);
      switch (call.kind()) {
        case READ -> {
          if (call.certain() && !Objects.equals(call.value(), state)) {
            return false;
          }
        }
        case WRITE -> state = call.value();
        case COMPARE_AND_SET -> {
          if (call.certain() && call.succeeded() != matches) {
            return false;
          }
          state = matches ? call.value() : state;
        }
      }
    }
    return true;
  }
}
