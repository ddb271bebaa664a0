package io.leasehold.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentChangesTest {
  private static final long ONE = Change.of(2, List.of(new KeyEvent.Deleted(key(), 2))).bytes();

  private static Bytes key() {
    return Bytes.utf8("key");
  }

  private static void append(RecentChanges recent, long revision, int events) {
    recent.append(revision, Collections.nCopies(events, new KeyEvent.Deleted(key(), revision)));
  }

  private static List<Long> revisions(RecentChanges recent, long from, long to, int eventsMax) {
    List<Change> slice = recent.slice(from, to, eventsMax);
    assertThat(slice).isNotNull();
    return slice.stream().map(Change::revision).toList();
  }

  @Test
  void keepsTheNewestChangesUpToItsBytes() {
    RecentChanges recent = new RecentChanges(ONE * 5000, 1);
    for (long revision = 2; revision <= 20_000; revision++) {
      append(recent, revision, 1);
      assertThat(recent.last()).isEqualTo(revision);
      assertThat(recent.first()).isEqualTo(Math.max(2, revision - 4999));
    }
    assertThat(recent.slice(15_000, 20_000, 10)).isNull();
    assertThat(revisions(recent, 15_001, 15_003, 10)).containsExactly(15_001L, 15_002L, 15_003L);
    assertThat(revisions(recent, 19_999, 30_000, 10)).containsExactly(19_999L, 20_000L);
    assertThat(revisions(recent, 20_001, 30_000, 10)).isEmpty();
  }

  @Test
  void sliceEndsWithTheChangeThatReachesTheNumberOfEvents() {
    RecentChanges recent = new RecentChanges(1 << 20, 1);
    append(recent, 2, 3);
    append(recent, 3, 3);
    append(recent, 4, 3);
    assertThat(revisions(recent, 2, 4, 4)).containsExactly(2L, 3L);
    assertThat(revisions(recent, 2, 4, 1)).containsExactly(2L);
  }

  @Test
  void changeLargerThanAllThatFitsIsKeptAlone() {
    RecentChanges recent = new RecentChanges(ONE * 3, 1);
    append(recent, 2, 1);
    append(recent, 3, 10);
    assertThat(recent.first()).isEqualTo(3);
    append(recent, 4, 1);
    assertThat(recent.first()).isEqualTo(4);
  }

  @Test
  void gapForgetsWhatWasBefore() {
    RecentChanges recent = new RecentChanges(1 << 20, 1);
    append(recent, 2, 1);
    append(recent, 5, 1);
    assertThat(recent.first()).isEqualTo(5);
    recent.restart(9);
    assertThat(recent.first()).isEqualTo(10);
    assertThat(recent.last()).isEqualTo(9);
    assertThat(recent.slice(9, 9, 10)).isNull();
    append(recent, 10, 1);
    assertThat(revisions(recent, 10, 10, 10)).containsExactly(10L);
  }
}
