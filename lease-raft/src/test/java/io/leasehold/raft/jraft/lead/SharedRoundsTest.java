package io.leasehold.raft.jraft.lead;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SharedRoundsTest {
  private final List<Consumer<Boolean>> begun = new ArrayList<>();
  private final List<String> answers = new ArrayList<>();
  private final SharedRounds<Boolean> rounds = new SharedRounds<>(begun::add, false);

  @Test
  void aCallDuringARoundJoinsTheNextOne() {
    join("first");
    join("second");
    join("third");
    assertThat(begun).hasSize(1);
    begun.get(0).accept(true);
    assertThat(answers).containsExactly("first:true");
    assertThat(begun).hasSize(2);
    begun.get(1).accept(false);
    assertThat(answers).containsExactly("first:true", "second:false", "third:false");
  }

  @Test
  void anIdleSharerBeginsAtOnceAgain() {
    join("first");
    begun.get(0).accept(true);
    join("second");
    assertThat(begun).hasSize(2);
  }

  @Test
  void aRoundThatEndsWithinItsBeginningIsFine() {
    SharedRounds<Boolean> instant = new SharedRounds<>(done -> done.accept(true), false);
    List<Boolean> results = new ArrayList<>();
    instant.join(results::add);
    instant.join(results::add);
    assertThat(results).containsExactly(true, true);
  }

  @Test
  void aRoundThatCannotBeginHasFailed() {
    SharedRounds<Boolean> broken =
        new SharedRounds<>(
            done -> {
              throw new IllegalStateException("no way to begin");
            },
            false);
    List<Boolean> results = new ArrayList<>();
    broken.join(results::add);
    assertThat(results).containsExactly(false);
  }

  private void join(String name) {
    rounds.join(result -> answers.add(name + ":" + result));
  }
}
