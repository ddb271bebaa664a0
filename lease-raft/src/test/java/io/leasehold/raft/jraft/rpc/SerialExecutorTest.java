package io.leasehold.raft.jraft.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
  private final ArrayDeque<Runnable> threads = new ArrayDeque<>();
  private final List<String> done = new ArrayList<>();
  private final SerialExecutor serial = new SerialExecutor(threads::add);

  @Test
  void tasksRunInOrderOnOneThreadAtATime() {
    serial.execute(() -> done.add("first"));
    serial.execute(() -> done.add("second"));
    assertThat(threads).hasSize(1);
    threads.remove().run();
    assertThat(done).containsExactly("first", "second");
    serial.execute(() -> done.add("third"));
    threads.remove().run();
    assertThat(done).containsExactly("first", "second", "third");
  }

  @Test
  void taskThatComesWhileAnotherRunsWaits() {
    serial.execute(
        () -> {
          serial.execute(() -> done.add("inner"));
          done.add("outer");
        });
    threads.remove().run();
    assertThat(done).containsExactly("outer", "inner");
    assertThat(threads).isEmpty();
  }

  @Test
  void taskThatFailsKeepsNobodyElseBack() {
    serial.execute(
        () -> {
          throw new IllegalStateException("meant to fail");
        });
    serial.execute(() -> done.add("next"));
    threads.remove().run();
    assertThat(done).containsExactly("next");
  }

  @Test
  void whatHasNotBegunAtTheStopIsForgotten() {
    serial.execute(serial::stop);
    serial.execute(() -> done.add("late"));
    threads.remove().run();
    serial.execute(() -> done.add("later"));
    assertThat(done).isEmpty();
    assertThat(threads).isEmpty();
  }

  @Test
  void refusalOfTheThreadsIsPassedOn() {
    SerialExecutor refused =
        new SerialExecutor(
            task -> {
              throw new RejectedExecutionException("stopped");
            });
    assertThatThrownBy(() -> refused.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }
}
