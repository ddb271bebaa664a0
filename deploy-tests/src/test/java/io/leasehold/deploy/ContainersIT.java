package io.leasehold.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.dockerjava.api.command.CreateContainerResponse;
import com.github.dockerjava.api.model.HostConfig;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.Grants;
import io.leasehold.cluster.RenewalLoad;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * The compose cluster, and what can happen to containers. Leases are renewed from the host, unless
 * a test says otherwise.
 */
@Tag("containers")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ContainersIT {
  private static final Duration TTL = Duration.ofSeconds(10);
  private static final Duration INTERVAL = Duration.ofSeconds(2);
  private static final int LEASES = 300;

  /** Long enough for another leader, and shorter than any TTL. */
  private static final Duration FAULT = Duration.ofSeconds(8);

  /** The promise is 300 ms; a machine that is shared with the test is allowed three times that. */
  private static final long HANDOVER_MILLIS_MAX = 900;

  private Compose cluster;

  @BeforeAll
  void start() {
    Compose.assumeUsable();
    cluster = Compose.start("docker-compose.yml", 3);
  }

  @AfterAll
  void stop() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @BeforeEach
  void awaitReady() {
    cluster.awaitReady();
  }

  @Test
  void killedLeadersContainerEndsNoRenewedLeaseAndNoneEarly() {
    try (RenewalLoad load = load()) {
      ContainerMember killed = cluster.leader();
      long grantedNanos = System.nanoTime();
      long idle = cluster.without(killed).get(0).grant(TTL.toSeconds());
      long grantAnsweredNanos = System.nanoTime();
      killed.kill();
      awaitAnswers(load, 5L * LEASES);

      ContainerMember other = cluster.without(killed).get(0);
      Conditions.await(
          "the lease that nobody renews ends",
          TTL.multipliedBy(3),
          () -> other.remainingSeconds(idle) == -1);
      double lived = (System.nanoTime() - grantedNanos) / 1e9;
      killed.start();
      cluster.awaitReady();
      awaitAnswers(load, 3L * LEASES);

      System.out.printf(
          "Leader's container killed under %d leases of %d s: longest pause in acknowledged"
              + " renewals %d ms, leases ended: %d; one that was not renewed lived %.1f s%n",
          LEASES, TTL.toSeconds(), load.longestPauseMillis(), load.ended().size(), lived);
      assertThat(load.ended()).isEmpty();
      // Its time begins anew under the next leader, as it was too young for a checkpoint.
      assertThat(lived)
          .isGreaterThanOrEqualTo(TTL.toSeconds() - (grantAnsweredNanos - grantedNanos) / 1e9);
    }
  }

  @Test
  void pausedLeadersContainerEndsNoLeaseRenewedThroughTheOthers() {
    ContainerMember paused = cluster.leader();
    try (RenewalLoad load = load(cluster.without(paused))) {
      paused.pause();
      Conditions.letPass(FAULT);
      paused.unpause();
      // Long enough for a deposed leader that goes on by its old deadlines to do harm.
      Conditions.letPass(TTL.plusSeconds(2));
      cluster.awaitReady();
      awaitAnswers(load, LEASES);

      System.out.printf(
          "Leader's container paused for 8 s: longest pause in acknowledged renewals %d ms, leases"
              + " ended: %d%n",
          load.longestPauseMillis(), load.ended().size());
      assertThat(load.ended()).isEmpty();
    }
  }

  @Test
  void leaderWithoutNetworkEndsNoLeaseRenewedThroughTheOthersAndComesBack() {
    ContainerMember cut = cluster.leader();
    try (RenewalLoad load = load(cluster.without(cut))) {
      cut.disconnect(cluster.network());
      Conditions.letPass(FAULT);
      awaitAnswers(load, LEASES);
      cut.connect(cluster.network());
      long startNanos = System.nanoTime();
      cluster.awaitReady();
      double rejoinSeconds = (System.nanoTime() - startNanos) / 1e9;
      Conditions.letPass(TTL);
      awaitAnswers(load, LEASES);

      System.out.printf(
          "Leader's container without its network for 8 s: longest pause in acknowledged renewals"
              + " %d ms, leases ended: %d, back after %.1f s%n",
          load.longestPauseMillis(), load.ended().size(), rejoinSeconds);
      assertThat(load.ended()).isEmpty();
    }
  }

  @Test
  void leaderThatIsStoppedHandsItsLeadershipOver() {
    try (RenewalLoad load = load()) {
      ContainerMember stopped = cluster.leader();
      load.resetFigures();
      stopped.stop();
      long pauseMillis = load.longestPauseMillis();
      awaitAnswers(load, LEASES);
      pauseMillis = Math.max(pauseMillis, load.longestPauseMillis());
      long exitCode = stopped.exitCode();
      stopped.start();
      cluster.awaitReady();

      System.out.printf(
          "Leader's container stopped under %d leases: longest pause in acknowledged renewals"
              + " %d ms, leases ended: %d%n",
          LEASES, pauseMillis, load.ended().size());
      assertThat(exitCode).isZero();
      assertThat(load.ended()).isEmpty();
      assertThat(pauseMillis).isLessThan(HANDOVER_MILLIS_MAX);
    }
  }

  @Test
  void memberThatLostItsVolumeTakesItsOldPlace() {
    try (RenewalLoad load = load()) {
      ContainerMember lost = cluster.leader();
      removeWithVolume(lost);
      awaitAnswers(load, LEASES);
      replace(lost);
      awaitAnswers(load, LEASES);

      System.out.printf(
          "Leader's volume removed: longest pause in acknowledged renewals %d ms, leases ended:"
              + " %d%n",
          load.longestPauseMillis(), load.ended().size());
      assertThat(load.ended()).isEmpty();
    }
  }

  @Test
  void containerThatComesBackWithAnotherAddressRejoins() {
    ContainerMember moved = cluster.without(cluster.leader()).get(0);
    List<String> squatters = new ArrayList<>();
    try (RenewalLoad load = load(cluster.without(moved))) {
      String before = moved.address();
      moved.stop();
      moved.remove();
      // The engine hands out the address that is free; so somebody else takes it first.
      CreateContainerResponse squatter =
          ContainerMember.docker()
              .createContainerCmd(Compose.IMAGE)
              .withEntrypoint("sleep", "600")
              .withHostConfig(HostConfig.newHostConfig().withNetworkMode(cluster.network()))
              .exec();
      squatters.add(squatter.getId());
      ContainerMember.docker().startContainerCmd(squatter.getId()).exec();

      cluster.run(Map.of(), "up", "-d", "--no-build", moved.name());
      moved.cameBack();
      long startNanos = System.nanoTime();
      cluster.awaitReady();
      long appliedByLeader = cluster.leader().status().getRaftAppliedIndex();
      Conditions.await(
          "the member that moved catches up",
          Duration.ofSeconds(60),
          () -> moved.status().getRaftAppliedIndex() >= appliedByLeader);
      double rejoinSeconds = (System.nanoTime() - startNanos) / 1e9;

      System.out.printf(
          "Container moved from %s to %s: caught up after %.1f s, leases ended: %d%n",
          before, moved.address(), rejoinSeconds, load.ended().size());
      assertThat(moved.address()).isNotEqualTo(before);
      assertThat(load.ended()).isEmpty();
    } finally {
      squatters.forEach(
          id -> ContainerMember.docker().removeContainerCmd(id).withForce(true).exec());
    }
  }

  private void removeWithVolume(ContainerMember lost) {
    lost.kill();
    lost.remove();
    ContainerMember.docker().removeVolumeCmd(cluster.volume(lost)).exec();
  }

  /** Brings a member back that has nothing left, by the recipe of the operations guide. */
  private void replace(ContainerMember lost) {
    cluster.run(Map.of("LEASEHOLD_REPLACE_MEMBER", "true"), "up", "-d", "--no-build", lost.name());
    lost.cameBack();
    cluster.awaitReady();
    // Without the flag from now on.
    cluster.run(Map.of(), "up", "-d", "--no-build", lost.name());
    cluster.awaitReady();
  }

  /**
   * The clients are leasectl's, which notice themselves when a lease is lost: the command under the
   * lock is ended, and the elected one says that its session expired.
   */
  @Test
  void clientsInAContainerKeepTheirLeasesThroughKillPauseCutAndLossOfLeaders() {
    String script =
        """
        leasectl elect container/leader candidate --ttl 15 &
        leasectl lock container/job --ttl 15 -- sh -c 'echo holds the lock; exec sleep 600' &
        wait -n
        echo a client ended
        """;
    try (ClientContainer clients = new ClientContainer(cluster, script)) {
      Conditions.await(
          "one client leads, the other holds the lock",
          Duration.ofSeconds(60),
          () -> clients.printed().containsAll(List.of("candidate", "holds the lock")));
      List<String> printed = clients.printed();
      List<KeyValue> held = cluster.leader().keys("container/");
      assertThat(held).hasSize(2).allMatch(key -> key.getLease() != 0);

      Map<String, Consumer<ContainerMember>> faults = new LinkedHashMap<>();
      faults.put("killed", this::killAndStart);
      faults.put("paused", this::pauseForAWhile);
      faults.put("cut off", this::cutOffForAWhile);
      faults.put("without its volume", this::loseVolumeAndReplace);
      faults.forEach(
          (name, fault) -> {
            fault.accept(cluster.leader());
            cluster.awaitReady();
            // Whoever lost its lease would know by now.
            Conditions.letPass(TTL);
            ContainerMember leader = cluster.leader();
            assertThat(leader.keys("container/")).as("leader %s", name).isEqualTo(held);
            assertThat(held)
                .as("leader %s", name)
                .allMatch(key -> leader.remainingSeconds(key.getLease()) > 0);
            assertThat(clients.printed()).as("leader %s", name).isEqualTo(printed);
            assertThat(clients.isRunning()).as("leader %s", name).isTrue();
          });
      System.out.printf(
          "Clients in a container held a lock and an office while leaders were %s%n",
          String.join(", ", faults.keySet()));
    }
  }

  private void killAndStart(ContainerMember leader) {
    leader.kill();
    Conditions.letPass(FAULT);
    leader.start();
  }

  private void pauseForAWhile(ContainerMember leader) {
    leader.pause();
    Conditions.letPass(FAULT);
    leader.unpause();
  }

  private void cutOffForAWhile(ContainerMember leader) {
    leader.disconnect(cluster.network());
    Conditions.letPass(FAULT);
    leader.connect(cluster.network());
  }

  private void loseVolumeAndReplace(ContainerMember leader) {
    removeWithVolume(leader);
    Conditions.letPass(FAULT);
    replace(leader);
  }

  @Test
  void leasectlOfAMembersContainerAsksThatMemberAndPrintsNothingElse() {
    for (ContainerMember member : cluster.members()) {
      String printed =
          cluster.run(Map.of(), "exec", "-T", member.name(), "leasectl", "lease", "grant", "10");
      assertThat(printed.lines())
          .singleElement()
          .asString()
          .matches("lease [0-9a-f]+ granted with TTL\\(10s\\)");
    }
  }

  /** What it takes is printed only: it says more about the machine's other load than about us. */
  @Test
  void startedContainerGrantsLeases() {
    List<String> seconds = new ArrayList<>();
    for (ContainerMember started : cluster.members()) {
      started.stop();
      long startNanos = System.nanoTime();
      started.start();
      Conditions.await(
          "the first grant", Duration.ofSeconds(60), () -> started.grant(TTL.toSeconds()) != 0);
      seconds.add(String.format("%.1f s", (System.nanoTime() - startNanos) / 1e9));
      cluster.awaitReady();
    }
    System.out.printf(
        "From docker start to the first lease granted by that member: %s%n",
        String.join(", ", seconds));
    assertThat(seconds).hasSameSizeAs(cluster.members());
  }

  private RenewalLoad load() {
    return load(cluster.members());
  }

  /** Returns a load of leases that are all being renewed already. */
  private static RenewalLoad load(List<ContainerMember> through) {
    RenewalLoad load = new RenewalLoad(through, TTL, INTERVAL);
    List<Long> leases = Grants.many(through, LEASES, TTL.toSeconds(), 32, load::add);
    assertThat(leases).hasSize(LEASES);
    awaitAnswers(load, 2L * LEASES);
    load.resetFigures();
    return load;
  }

  private static void awaitAnswers(RenewalLoad load, long more) {
    long target = load.answers() + more;
    Conditions.await(
        more + " more renewals, or an end",
        Duration.ofSeconds(90),
        () -> load.answers() >= target || !load.ended().isEmpty());
    assertThat(load.ended()).isEmpty();
  }
}
