package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.cluster.Answers.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same random requests to etcd and to us, one after the other: every answer is the same, and so
 * is what watchers are told of it all. {@code -Dseed} chooses another run.
 */
@Tag("long")
@Timeout(180)
final class SameAnswersIT {
  /**
   * The build asks the same each time; for others see {@code make it TEST=SameAnswersIT SEED=n}.
   */
  private static final long SEED = 21480342632030L;

  private static final int CALLS = Integer.getInteger("calls", 600);
  private static final String LEASE_NOT_FOUND = "NOT_FOUND: etcdserver: requested lease not found";
  private static final String KEY_NOT_FOUND = "INVALID_ARGUMENT: etcdserver: key not found";
  private static final int SHOWN_MAX = 6;
  private static final Duration EVENTS_MAX = Duration.ofSeconds(20);

  @TempDir Path home;

  @Test
  void weAnswerAsEtcdDoes() {
    compare(Server.LEASEHOLD);
  }

  /** Shows that the comparison asks for nothing in which etcd differs from itself. */
  @Test
  void etcdAnswersAsEtcdDoes() {
    compare(Server.ETCD);
  }

  private void compare(Server server) {
    List<Server> present = Server.present();
    Programs.assume(
        present.contains(Server.ETCD) && present.contains(server),
        "etcd or " + server + " is not there to be compared with");
    long seed = Long.getLong("seed", SEED);
    System.out.printf(
        "%d random calls to etcd and %s, seed %d; again: make it TEST=SameAnswersIT SEED=%d%n",
        CALLS, server, seed, seed);
    try (Cluster etcd = Cluster.start(Server.ETCD, home.resolve("etcd"), "64m", 1);
        Cluster other = Cluster.start(server, home.resolve("other"))) {
      RandomCalls calls = new RandomCalls(seed);
      Deque<String> shown = new ArrayDeque<>();
      Map<String, Integer> outcomes = new TreeMap<>();
      MemberProcess yardstick = etcd.member(0);
      // etcd's followers list leases from what they happen to have applied; ours do better.
      List<MemberProcess> asked = server == Server.ETCD ? List.of(other.leader()) : other.members();
      long compacted = 0;
      for (int i = 0; i < CALLS; i++) {
        Message request = calls.next();
        Answer expected = Answers.of(yardstick, request);
        Answer actual = Answers.of(asked.get(i % asked.size()), request);

        shown.addLast(
            "call " + i + ", " + request.getDescriptorForType().getName() + ":\n" + request);
        if (shown.size() > SHOWN_MAX) {
          shown.removeFirst();
        }
        assertThat(actual.text())
            .as("seed %d, the last calls:%n%s", seed, String.join("\n", shown))
            .isIn(acceptable(request, expected.text()));
        outcomes.merge(
            request.getDescriptorForType().getName()
                + (expected.isRefusal() ? " " + expected.text() : ""),
            1,
            Integer::sum);
        calls.reached(expected.revision());
        if (request instanceof CompactionRequest compaction && !expected.isRefusal()) {
          compacted = compaction.getRevision();
          calls.compactedAt(compacted);
        }
      }
      outcomes.forEach((outcome, count) -> System.out.println("  " + count + " " + outcome));
      assertThat(outcomes.keySet().stream().filter(outcome -> outcome.contains(": ")).count())
          .as("kinds of refusals")
          .isGreaterThan(10);

      long newest = Keys.put(yardstick, "k", "the end");
      assertThat(Keys.put(asked.get(0), "k", "the end")).isEqualTo(newest);
      sameHistory(yardstick, asked, compacted, newest);
    }
  }

  /**
   * Returns what may be answered where etcd answers as given. A put that keeps its value can lack
   * both key and lease; which is told depends in etcd on whether it stands in a transaction.
   */
  private static Set<String> acceptable(Message request, String answer) {
    return request instanceof PutRequest put
            && put.getIgnoreValue()
            && answer.equals(LEASE_NOT_FOUND)
        ? Set.of(answer, KEY_NOT_FOUND)
        : Set.of(answer);
  }

  private static void sameHistory(
      MemberProcess etcd, List<MemberProcess> asked, long compacted, long newest) {
    List<Event> expected = history(etcd, compacted, newest);
    for (MemberProcess member : asked) {
      List<Event> actual = history(member, compacted, newest);
      for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
        assertThat(actual.get(i))
            .as("event %d after compaction at %d", i, compacted)
            .isEqualTo(expected.get(i));
      }
      assertThat(actual).hasSameSizeAs(expected);
    }
  }

  /** Returns every event since the compaction, as one watcher is told. */
  private static List<Event> history(MemberProcess member, long compacted, long newest) {
    ByteString all = ByteString.copyFrom(new byte[1]);
    try (Watching watching =
        Watching.create(
            member,
            WatchCreateRequest.newBuilder()
                .setKey(all)
                .setRangeEnd(all)
                .setStartRevision(compacted + 1)
                .setPrevKv(true)
                .build())) {
      Conditions.await(
          "the history is told up to revision " + newest,
          EVENTS_MAX,
          () -> {
            List<Event> events = watching.events();
            return !events.isEmpty()
                && events.get(events.size() - 1).getKv().getModRevision() >= newest;
          });
      return watching.events();
    }
  }
}
