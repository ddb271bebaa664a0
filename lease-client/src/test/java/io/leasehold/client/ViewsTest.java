package io.leasehold.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.MadeUpCluster.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is known of services and leaders, before a made-up cluster. */
@Timeout(60)
final class ViewsTest {
  private static final ServiceInstance ONE = new ServiceInstance("web", "1", "a");
  private static final ServiceInstance TWO = new ServiceInstance("web", "2", "b");

  private final MadeUpCluster cluster = new MadeUpCluster();
  private final ServiceRegistry registry = new ServiceRegistry(cluster, Bytes.of("services/"));
  private final List<List<ServiceInstance>> heard = new CopyOnWriteArrayList<>();

  @AfterEach
  void end() {
    cluster.close();
  }

  private ServiceView view() {
    return registry.discover("web", heard::add);
  }

  @Test
  void aViewTellsOfEachChangeOnceAndOfItsOwnServiceAlone() {
    cluster.put("services/web/1", "a");
    ServiceView view = view();
    assertThat(view.instances()).containsExactly(ONE);
    cluster.put("services/web/2", "b");
    cluster.put("services/web/2", "b");
    cluster.put("services/webs/3", "c");
    cluster.delete("services/web/1");
    cluster.settle();
    assertThat(view.instances()).containsExactly(TWO);
    assertThat(heard).containsExactly(List.of(ONE), List.of(ONE, TWO), List.of(TWO));
    view.close();
    cluster.put("services/web/1", "a");
    cluster.settle();
    assertThat(view.instances()).containsExactly(TWO);
    assertThat(cluster.watchCount()).isZero();
  }

  @Test
  void whatHappensBetweenTheReadAndTheWatchIsSeen() {
    cluster.after(Kind.READ, () -> cluster.put("services/web/1", "a"));
    ServiceView view = view();
    cluster.settle();
    assertThat(view.instances()).containsExactly(ONE);
  }

  @Test
  void aViewReadsAnewWhatWasCompactedAwayUnseen() {
    cluster.put("services/web/1", "a");
    ServiceView view = view();
    cluster.settle();
    cluster.holdWatches();
    cluster.delete("services/web/1");
    cluster.put("services/web/2", "b");
    cluster.put("elsewhere", "x");
    cluster.compact();
    cluster.releaseWatches();
    cluster.settle();
    assertThat(view.instances()).containsExactly(TWO);
    assertThat(cluster.watchCount()).isEqualTo(1);
    cluster.delete("services/web/2");
    cluster.settle();
    assertThat(view.instances()).isEmpty();
    assertThat(heard).containsExactly(List.of(ONE), List.of(TWO), List.of());
  }

  @Test
  void aViewGoesOnWithWhatItKnewUntilItCanReadAnew() {
    cluster.put("services/web/1", "a");
    ServiceView view = view();
    cluster.settle();
    cluster.holdWatches();
    cluster.delete("services/web/1");
    cluster.put("elsewhere", "x");
    cluster.compact();
    cluster.fallSilent();
    cluster.releaseWatches();
    cluster.pass(MadeUpCluster.REQUEST_TIMEOUT);
    assertThat(view.instances()).containsExactly(ONE);
    cluster.pass(Duration.ofSeconds(1));
    assertThat(cluster.asked(Kind.READ)).isEqualTo(3);
    cluster.speak();
    cluster.settle();
    assertThat(view.instances()).isEmpty();
  }

  @Test
  void aViewThatIsClosedWhileItReadsAnewFollowsNoLonger() {
    ServiceView view = view();
    cluster.settle();
    cluster.holdWatches();
    cluster.put("services/web/1", "a");
    cluster.put("elsewhere", "x");
    cluster.compact();
    cluster.fallSilent();
    cluster.releaseWatches();
    cluster.settle();
    view.close();
    cluster.speak();
    cluster.settle();
    assertThat(cluster.watchCount()).isZero();
    assertThat(view.instances()).isEmpty();
  }

  @Test
  void theLeaderIsWhoeverHasStoodLongest() {
    List<Optional<Leader>> observed = new CopyOnWriteArrayList<>();
    LeaderView view = LeaderView.start(cluster, "e", observed::add);
    assertThat(view.leader()).isEmpty();
    cluster.put("e/9", "first");
    cluster.put("e/1", "second");
    cluster.settle();
    long token = cluster.entry("e/9").orElseThrow().createRevision();
    assertThat(view.leader()).contains(new Leader("first", token));
    cluster.delete("e/9");
    cluster.settle();
    assertThat(view.leader()).map(Leader::value).contains("second");
    cluster.delete("e/1");
    cluster.settle();
    assertThat(observed)
        .extracting(one -> one.map(Leader::value))
        .containsExactly(Optional.of("first"), Optional.of("second"), Optional.empty());
    view.close();
  }

  @Test
  void aServiceWhoseNameIsNoneIsRefused() {
    assertThatThrownBy(() -> registry.discover("a/b", heard::add))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> registry.discover("", heard::add))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
