package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The recipe of a rolling upgrade, under load. */
@Tag("long")
@Timeout(300)
final class RollingRestartIT {
  private static final Duration TTL = Duration.ofSeconds(10);
  private static final int LEASES = 1000;

  /** Bounds what the writer leaves behind. */
  private static final int WRITES_MAX = 1_000_000;

  @TempDir Path home;

  @Test
  void everyMemberRestartedInTurnLosesNoLeaseAndNoAcknowledgedWrite() throws Exception {
    try (Cluster cluster = Cluster.start(home);
        RenewalLoad load = new RenewalLoad(cluster.members(), TTL, Duration.ofSeconds(2))) {
      List<Long> leases = Grants.many(cluster.members(), LEASES, TTL.toSeconds(), 64, load::add);
      awaitAnswers(load);
      load.resetFigures();
      Writer writer = new Writer(cluster.members());
      Thread writing = new Thread(writer, "writer");
      writing.start();

      long longestHandOverMillis = 0;
      List<MemberProcess> leaderLast = new ArrayList<>(cluster.members());
      MemberProcess leader = cluster.leader();
      leaderLast.remove(leader);
      leaderLast.add(leader);
      for (MemberProcess member : leaderLast) {
        boolean leads = cluster.leader() == member;
        load.resetFigures();
        assertThat(member.stop()).as(member.lastLines()).isZero();
        if (leads) {
          longestHandOverMillis = Math.max(longestHandOverMillis, load.longestPauseMillis());
        }
        long applied = cluster.leader(member).status().getRaftAppliedIndex();
        member.start();
        cluster.awaitReady();
        Conditions.await(
            member.name() + " has caught up",
            Duration.ofSeconds(60),
            () -> member.status().getRaftAppliedIndex() >= applied);
        awaitAnswers(load);
        System.out.printf(
            "%s restarted%s: longest pause in acknowledged renewals %d ms%n",
            member.name(), leads ? ", which led" : "", load.longestPauseMillis());
      }
      writer.stop();
      writing.join();

      System.out.printf(
          "Rolling restart under %d leases of %d s: leases ended: %d, writes acknowledged: %d,"
              + " not acknowledged: %d, pause while leadership was handed over: %d ms%n",
          LEASES,
          TTL.toSeconds(),
          load.ended().size(),
          writer.acknowledged.size(),
          writer.refused,
          longestHandOverMillis);
      assertThat(load.ended()).isEmpty();
      assertThat(writer.acknowledged).hasSizeGreaterThan(100);
      for (MemberProcess member : cluster.members()) {
        assertThat(Cluster.leaseIds(member)).containsAll(leases);
      }
      assertThat(written(cluster.follower())).containsAllEntriesOf(writer.acknowledged);
    }
  }

  private static Map<String, String> written(MemberProcess member) {
    Map<String, String> written = new HashMap<>();
    Keys.withPrefix(member, Writer.PREFIX)
        .forEach(kv -> written.put(kv.getKey().toStringUtf8(), kv.getValue().toStringUtf8()));
    return written;
  }

  private static void awaitAnswers(RenewalLoad load) {
    long target = load.answers() + 2 * LEASES;
    Conditions.await(
        "renewals, or an end",
        Duration.ofSeconds(60),
        () -> load.answers() >= target || !load.ended().isEmpty());
    assertThat(load.ended()).isEmpty();
  }

  /** Writes a key after the other, each through another member that runs. */
  private static final class Writer implements Runnable {
    static final String PREFIX = "written/";

    private final List<MemberProcess> members;
    private final AtomicBoolean isStopped = new AtomicBoolean();

    /** Read once the thread has ended. */
    final Map<String, String> acknowledged = new HashMap<>();

    int refused;

    Writer(List<MemberProcess> members) {
      this.members = members;
    }

    @Override
    public void run() {
      for (int i = 0; i < WRITES_MAX && !isStopped.get(); i++) {
        MemberProcess member = members.get(i % members.size());
        String key = PREFIX + i;
        String value = "value " + i;
        if (member.isRunning()) {
          try {
            var unused = Keys.put(member, key, value);
            acknowledged.put(key, value);
          } catch (StatusRuntimeException e) {
            refused++;
          }
        }
      }
    }

    void stop() {
      isStopped.set(true);
    }
  }
}
