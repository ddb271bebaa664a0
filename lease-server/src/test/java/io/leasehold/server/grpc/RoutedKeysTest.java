package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.server.recipe.KeyAccess;
import io.leasehold.server.watch.WatchRefusal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoutedKeysTest {
  private final List<Status> ends = new ArrayList<>();
  private final RoutedKeys.Sink sink =
      new RoutedKeys.Sink(
          new KeyAccess.Watcher() {
            @Override
            public void changed(long revision, List<KeyEvent> events) {}

            @Override
            public void ended(Status why) {
              ends.add(why);
            }
          });

  @Test
  void watcherTooManyIsToldThatResourcesAreExhausted() {
    sink.refused(WatchRefusal.TOO_MANY_WATCHERS, 1);
    assertThat(ends).extracting(Status::getCode).containsExactly(Status.Code.RESOURCE_EXHAUSTED);
  }

  /** Else whoever is refused tries again at once, and for ever. */
  @ParameterizedTest
  @EnumSource
  void refusalIsNotTakenForACompaction(WatchRefusal why) {
    sink.refused(why, 1);
    assertThat(ends).extracting(Status::getCode).doesNotContain(Status.Code.OUT_OF_RANGE);
    assertThat(ends).hasSize(1);
  }

  @Test
  void compactionIsToldAsOne() {
    sink.compacted(0, 5, 4);
    assertThat(ends).extracting(Status::getCode).containsExactly(Status.Code.OUT_OF_RANGE);
  }
}
