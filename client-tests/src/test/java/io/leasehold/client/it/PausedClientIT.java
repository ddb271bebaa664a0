package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.client.LeaseClient;
import io.leasehold.client.Session;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import io.leasehold.cluster.Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Holders of locks that are stopped as whole processes. */
@Timeout(400)
final class PausedClientIT {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** {@code -Dcontention.seconds=120} for the long form. */
  private static final Duration CONTENTION =
      Duration.ofSeconds(Long.getLong("contention.seconds", 40));

  private static final long TTL_SECONDS = 3;

  @TempDir Path home;
  private Cluster cluster;

  @BeforeEach
  void start() {
    cluster = Cluster.start(Server.present().get(0), home.resolve("cluster"));
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void aHolderStoppedPastItsTtlFindsItsLockLostBeforeItActs() throws Exception {
    try (LeaseClient client = LeaseClient.connect(cluster.endpoints());
        Session heir = client.openSession(Duration.ofSeconds(10));
        Children holder =
            Children.start(
                Contender.class,
                cluster.endpoints(),
                "paused",
                Long.toString(TTL_SECONDS),
                "once")) {
      Conditions.await(
          "the child holds the lock",
          SOON,
          () -> holder.lines().stream().anyMatch(line -> line.startsWith("begins")));
      holder.freeze();
      assertThat(heir.lock("paused").tryLock(SOON)).isTrue();
      long takenNanos = System.nanoTime();
      holder.thaw();
      Conditions.await(
          "the child finds its lock lost",
          SOON,
          () -> holder.lines().stream().anyMatch(line -> line.startsWith("lost")));
      List<Hold> holds = holds(0, holder.lines());
      assertThat(holds).hasSize(1);
      assertThat(holds.get(0).untilNanos() - takenNanos).isNegative();
      assertThat(heir.lock("paused").isHeld()).isTrue();
    }
  }

  private record Hold(int holder, long token, long fromNanos, long untilNanos) {}

  private static List<Hold> holds(int holder, List<String> lines) {
    List<Hold> holds = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith("held ")) {
        String[] words = line.split(" ", -1);
        holds.add(
            new Hold(
                holder,
                Long.parseLong(words[1]),
                Long.parseLong(words[2]),
                Long.parseLong(words[3])));
      }
    }
    return holds;
  }

  @Test
  void twoContendersNeverBothBelieveToHoldALockUnderPausesAndLeaderKills() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("contention: -Dseed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    List<Hold> holds = new ArrayList<>();
    int lost = 0;
    Children one = contender();
    Children other = contender();
    try {
      Conditions.await(
          "both have held the lock",
          SOON,
          () -> !holds(0, one.lines()).isEmpty() && !holds(1, other.lines()).isEmpty());
      long endNanos = System.nanoTime() + CONTENTION.toNanos();
      while (System.nanoTime() - endNanos < 0) {
        Conditions.letPass(Duration.ofMillis(random.nextInt(500, 2000)));
        if (random.nextInt(4) == 0) {
          MemberProcess leader = cluster.leader();
          leader.kill();
          Conditions.letPass(Duration.ofMillis(random.nextInt(2000)));
          leader.start();
        } else {
          Children paused = random.nextBoolean() ? one : other;
          paused.freeze();
          Conditions.letPass(Duration.ofMillis(random.nextLong(500, 2 * TTL_SECONDS * 1000)));
          paused.thaw();
        }
      }
      int before = holds(0, one.lines()).size() + holds(1, other.lines()).size();
      Conditions.await(
          "they go on",
          SOON,
          () -> holds(0, one.lines()).size() + holds(1, other.lines()).size() > before + 2);
    } finally {
      one.close();
      other.close();
    }
    holds.addAll(holds(0, one.lines()));
    holds.addAll(holds(1, other.lines()));
    for (Children each : List.of(one, other)) {
      lost += (int) each.lines().stream().filter(line -> line.startsWith("lost")).count();
    }
    holds.sort(Comparator.comparingLong(Hold::fromNanos));
    System.out.println("contention: " + holds.size() + " holds, " + lost + " found lost");
    for (int i = 1; i < holds.size(); i++) {
      Hold before = holds.get(i - 1);
      Hold after = holds.get(i);
      assertThat(after.fromNanos() - before.untilNanos())
          .as("%s and %s", before, after)
          .isPositive();
      assertThat(after.token()).as("%s and %s", before, after).isGreaterThan(before.token());
    }
    assertThat(holds.stream().map(Hold::holder).distinct()).hasSize(2);
  }

  private Children contender() {
    return Children.start(
        Contender.class, cluster.endpoints(), "contended", Long.toString(TTL_SECONDS));
  }
}
