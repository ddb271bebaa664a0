package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Node;
import com.alipay.sofa.jraft.Status;
import org.junit.jupiter.api.Test;

class SnapshotTurnsTest {
  private static final long ENTRIES = 10;

  private final FakeNode fake = new FakeNode();
  private Node node = fake.node();
  private final SnapshotTurns turns = new SnapshotTurns(() -> node, Runnable::run, ENTRIES, 100);

  @Test
  void oneIsTakenAfterSoManyEntries() {
    turns.applied(109);
    assertThat(fake.asked).isEmpty();
    assertThat(turns.index()).isEqualTo(100);
    turns.applied(110);
    assertThat(fake.asked).containsExactly("snapshot");
    assertThat(turns.index()).isEqualTo(110);
  }

  @Test
  void nextWaitsForTheLastWhateverBecameOfIt() {
    turns.applied(110);
    turns.applied(130);
    assertThat(fake.asked).hasSize(1);
    fake.done.remove().run(new Status(1, "a test says so"));
    turns.applied(131);
    assertThat(fake.asked).hasSize(2);
    assertThat(turns.index()).isEqualTo(131);
  }

  @Test
  void memberThatDoesNotTakePartYetTakesItsTurnLater() {
    node = null;
    turns.applied(110);
    node = fake.node();
    turns.applied(120);
    assertThat(fake.asked).containsExactly("snapshot");
  }
}
