package io.leasehold.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.raft.Replica.Leadership;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderNewsTest {
  private static final Leadership NOBODY = new Leadership(1, null, false);
  private static final Leadership OTHER = new Leadership(2, "n2", false);

  private final List<Leadership> told = new ArrayList<>();
  private final List<String> ready = new ArrayList<>();
  private Leadership leadership = NOBODY;
  private final LeaderNews news = new LeaderNews(() -> leadership, List.of(told::add));

  @Test
  void leaderThatIsFoundBeforeThePortsAreOpenMakesReadyOnlyOnceTheyAre() {
    leadership = OTHER;
    news.changed();
    assertThat(told).containsExactly(OTHER);
    assertThat(ready).isEmpty();
    news.portsAreOpen(ready::add);
    assertThat(ready).containsExactly("n2");
  }

  @Test
  void leaderThatIsFoundAfterThePortsAreOpenMakesReadyOnce() {
    news.portsAreOpen(ready::add);
    assertThat(ready).isEmpty();
    leadership = OTHER;
    news.changed();
    leadership = NOBODY;
    news.changed();
    leadership = OTHER;
    news.changed();
    assertThat(ready).containsExactly("n2");
  }

  @Test
  void lateBringerOfOldNewsTellsWhatIsTrueNow() {
    leadership = OTHER;
    news.changed();
    news.changed();
    assertThat(told).containsExactly(OTHER, OTHER);
  }
}
