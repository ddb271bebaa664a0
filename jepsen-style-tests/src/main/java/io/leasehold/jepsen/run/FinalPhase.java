package io.leasehold.jepsen.run;

import io.leasehold.jepsen.client.Client;
import io.leasehold.jepsen.client.MemberReading;
import io.leasehold.jepsen.client.RunClock;
import io.leasehold.jepsen.cluster.TestCluster;
import io.leasehold.jepsen.cluster.Waits;
import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Counter;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.workload.CanonicalWatches;
import io.leasehold.jepsen.workload.Stage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What follows when all is healed: every member must serve again; then clients stop, what they kept
 * ends, and what is left is read from each member.
 */
final class FinalPhase {
  /** What leader changes and a machine that is slow may add to the life of the last lease. */
  private static final Duration DRAIN_MARGIN = Duration.ofSeconds(30);

  private static final Duration AGREEMENT_MAX = Duration.ofSeconds(20);
  private static final Duration WATCHES_MAX = Duration.ofSeconds(15);
  private static final Duration READ_MAX = Duration.ofSeconds(20);
  private static final long AGAIN_MILLIS = 500;
  private static final int ATTEMPTS_MAX = 4;

  /** Those that tell whether what a run was about really came to pass. */
  private static final List<String> COUNTED =
      List.of(
          "leasehold_fenced_off_total",
          "leasehold_checkpoints_total",
          "leasehold_stall_seconds_total",
          "leasehold_raft_snapshot_index",
          "leasehold_engine_snapshots_loaded");

  private final TestCluster cluster;
  private final Stage stage;
  private final MemberReading reading;
  private final RunClock clock;

  FinalPhase(TestCluster cluster, Stage stage, MemberReading reading, RunClock clock) {
    this.cluster = cluster;
    this.stage = stage;
    this.reading = reading;
    this.clock = clock;
  }

  /** Writes to each member until it serves, while clients still act. */
  void awaitService(Duration max) {
    for (String member : stage.members()) {
      Client client = stage.pinned(member);
      Waits.until(
          max,
          () ->
              stage
                  .record(
                      client.call(
                          new Request.Put(
                              "recovery/" + member, "at " + clock.nowNanos(), 0, false)))
                  .isOk());
    }
  }

  /**
   * Waits until no lease is left but those that are to last.
   *
   * @param longestTtl of those that are not
   */
  void drain(Duration longestTtl) {
    Client client = stage.movingOn(0);
    Waits.until(
        longestTtl.plus(DRAIN_MARGIN),
        () -> {
          Op op = stage.record(client.call(stage.listOfLeases()));
          boolean isDrained =
              op.answer() instanceof Answer.Leases leases
                  && stage.lasting().containsAll(leases.ids());
          if (!isDrained) {
            Waits.pause(Duration.ofMillis(AGAIN_MILLIS));
          }
          return isDrained;
        });
  }

  /** Reads what is there from each member. */
  void read(CanonicalWatches watches) {
    stage.record(new Phase(Phase.FINAL, clock.nowNanos()));
    long revision = readStates();
    for (String member : stage.members()) {
      Client client = stage.pinned(member);
      ask(client, Request.Range.of(KeyRange.all()));
      ask(client, new Request.Range(KeyRange.all(), 0, true, 0, false, Request.Order.KEY));
      ask(client, stage.listOfLeases());
      for (long lease : new TreeSet<>(stage.lasting())) {
        ask(client, new Request.TimeToLive(lease, true));
      }
      readCounters(member);
    }
    watches.awaitRevision(revision, WATCHES_MAX);
  }

  /** Reads until all members stand at the same entry; what the last of them said is recorded. */
  private long readStates() {
    List<MemberState> states = new ArrayList<>();
    Waits.until(
        AGREEMENT_MAX,
        () -> {
          states.clear();
          for (String member : stage.members()) {
            MemberState state = reading.of(member, true);
            if (state != null) {
              states.add(state);
            }
          }
          return states.size() == stage.members().size()
              && states.stream().mapToLong(MemberState::appliedIndex).distinct().count() == 1;
        });
    states.forEach(stage::record);
    return states.stream().mapToLong(MemberState::revision).max().orElse(0);
  }

  private void ask(Client client, Request request) {
    for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      Op op = stage.record(client.call(request, READ_MAX));
      if (op.result() != Result.INFO) {
        return;
      }
    }
  }

  private void readCounters(String member) {
    String page;
    try {
      page = cluster.metrics(member);
    } catch (IOException e) {
      // Its counters are missed where a run wants them.
      return;
    }
    for (String line : page.split("\n", -1)) {
      for (String name : COUNTED) {
        if (line.startsWith(name + " ") || line.startsWith(name + "{")) {
          double value = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
          stage.record(new Counter(name, member, Math.round(value)));
        }
      }
    }
  }
}
