package io.leasehold.server.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyValue;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ObservationTest {
  private final FakeKeys keys = new FakeKeys();
  private final List<String> seen = new ArrayList<>();
  private final Observation observation =
      new Observation(
          keys,
          Bytes.utf8("post"),
          new Observation.Listener() {
            @Override
            public void leads(KeyValue first, long revision) {
              seen.add(first.key() + "=" + first.value());
            }

            @Override
            public void failed(Throwable cause) {
              seen.add("failed: " + cause);
            }
          });

  @BeforeEach
  void lease() {
    keys.lease(1);
    keys.lease(2);
  }

  @Test
  void c104_tellsTheLeaderEachOfItsValuesAndEachNext() {
    keys.put("post/1", "a", 1);
    observation.begin();
    keys.run();
    keys.put("post/2", "b", 2);
    keys.put("post/1", "a2", 1);
    keys.run();
    keys.end(1);
    keys.run();
    assertThat(seen).containsExactly("post/1=a", "post/1=a2", "post/2=b");
  }

  @Test
  void startsWithoutALeader() {
    observation.begin();
    keys.run();
    assertThat(seen).isEmpty();
    keys.put("post/2", "b", 2);
    keys.run();
    assertThat(seen).containsExactly("post/2=b");
  }

  @Test
  void anotherElectionIsNotObserved() {
    observation.begin();
    keys.put("posts/1", "a", 1);
    keys.put("pos/1", "a", 1);
    keys.run();
    assertThat(seen).isEmpty();
  }

  @Test
  void compactionSkipsToThePresent() {
    keys.put("post/1", "a", 1);
    observation.begin();
    keys.runOne();
    keys.put("post/1", "a2", 1);
    keys.put("post/1", "a3", 1);
    keys.compact();
    keys.run();
    assertThat(seen).containsExactly("post/1=a", "post/1=a3");
    assertThat(keys.watches()).isEqualTo(1);
  }

  @Test
  void watchThatIsRefusedFailsOnceAndLeavesNothingOpen() {
    keys.refuseWatches(Status.RESOURCE_EXHAUSTED.withDescription("too many"));
    observation.begin();
    keys.run();
    assertThat(seen).hasSize(1).first().asString().contains("RESOURCE_EXHAUSTED: too many");
    assertThat(keys.watches()).isZero();
  }

  @Test
  void closedHearsNothing() {
    observation.begin();
    keys.run();
    observation.close();
    keys.put("post/1", "a", 1);
    keys.run();
    assertThat(seen).isEmpty();
    assertThat(keys.watches()).isZero();
  }
}
