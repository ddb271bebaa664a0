package io.leasehold.server.watch;

import static io.leasehold.server.watch.WatchBench.key;
import static io.leasehold.server.watch.WatchBench.prefix;
import static io.leasehold.server.watch.WatchBench.withPrevious;
import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyRange;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Watchers without threads and network; the numbers are those of the wire contract. */
final class WatchHubTest {
  private final WatchBench bench = new WatchBench();
  private final RecordingSink sink = new RecordingSink();
  private final Subscriber stream = bench.hub.open(sink);

  private void create(WatchSpec spec) {
    stream.create(0, spec);
    bench.run();
  }

  @Test
  void c86_creationIsAnsweredFirstWithIdsFromZeroAndTheCurrentRevision() {
    bench.put("a", "1");
    stream.create(0, WatchSpec.of(key("a"), 1));
    stream.create(0, WatchSpec.of(key("a"), 0));
    stream.create(7, WatchSpec.of(key("a"), 0));
    stream.create(0, WatchSpec.of(key("a"), 0));
    bench.run();
    assertThat(sink.take())
        .containsExactly("created 0@2", "created 1@2", "created 7@2", "created 2@2", "0@2: a=1@2");
    assertThat(sink.handled).isEqualTo(4);
  }

  @Test
  void c86_idsThatTheClientTookAreNotGivenAgain() {
    stream.create(1, WatchSpec.of(key("a"), 0));
    stream.create(0, WatchSpec.of(key("a"), 0));
    stream.create(0, WatchSpec.of(key("a"), 0));
    bench.run();
    assertThat(sink.take()).containsExactly("created 1@1", "created 0@1", "created 2@1");
  }

  @Test
  void c87_startZeroHearsOnlyWhatComesAfterItsCreation() {
    bench.put("a", "1");
    create(WatchSpec.of(key("a"), 0));
    bench.put("a", "2");
    bench.put("b", "3");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@2", "0@3: a=2@3");
  }

  @Test
  void c87_startZeroDoesNotHearOfWhatIsCommittedAndNotYetDispatched() {
    bench.put("a", "1");
    bench.hub.open(sink);
    stream.create(0, WatchSpec.of(key("a"), 0));
    bench.run();
    bench.put("a", "2");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@2", "0@3: a=2@3");
  }

  @Test
  void c87_pastStartReplaysFromThatRevisionOn() {
    for (int i = 2; i <= 6; i++) {
      bench.put("a", String.valueOf(i));
    }
    bench.run();
    create(WatchSpec.of(key("a"), 4));
    bench.put("a", "7");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@6", "0@6: a=4@4 a=5@5 a=6@6", "0@7: a=7@7");
  }

  @Test
  void c87_recentPastIsServedAtOnceWithoutReadingDisk() {
    bench.put("a", "1");
    bench.delete("a");
    bench.run();
    stream.create(0, WatchSpec.of(key("a"), 3));
    bench.dispatcher.remove().run();
    assertThat(sink.take()).containsExactly("created 0@3", "0@3: -a@3");
    assertThat(bench.readers).isEmpty();
  }

  @Test
  void c87_pastThatMemoryHasForgottenIsReadFromDisk() {
    WatchBench small = new WatchBench(1000);
    Subscriber late = small.hub.open(sink);
    for (int i = 2; i <= 100; i++) {
      small.put("a" + i % 2, String.valueOf(i));
    }
    small.run();
    late.create(0, WatchSpec.of(key("a0"), 0));
    late.create(0, WatchSpec.of(key("a1"), 2));
    small.run();
    assertThat(sink.messages.get(2).events().stream().map(RecordingSink::text))
        .containsExactlyElementsOf(
            IntStream.rangeClosed(2, 100)
                .filter(i -> i % 2 == 1)
                .mapToObj(i -> "a1=" + i + "@" + i)
                .toList());
    assertThat(sink.messages).hasSize(3);
  }

  @Test
  void c87_futureStartHearsNothingBelow() {
    create(WatchSpec.of(key("a"), 4));
    for (int i = 2; i <= 5; i++) {
      bench.put("a", String.valueOf(i));
    }
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@1", "0@5: a=4@4 a=5@5");
  }

  @Test
  void c88_startBelowTheCompactionIsCreatedAndCanceledWithItsRevision() {
    for (int i = 2; i <= 6; i++) {
      bench.put("a", String.valueOf(i));
    }
    bench.compact(5);
    create(WatchSpec.of(key("a"), 4));
    create(WatchSpec.of(key("a"), 5));
    bench.put("a", "7");
    bench.run();
    assertThat(sink.take())
        .containsExactly(
            "created 0@6",
            "compacted 0@6 below 5",
            "created 1@6",
            "1@6: a=5@5 a=6@6",
            "1@7: a=7@7");
    assertThat(bench.hub.watchers()).isEqualTo(1);
  }

  @Test
  void c89And90_whatCannotBeWatchedIsRefusedWithoutAWatcher() {
    stream.create(5, WatchSpec.of(key("a"), -1));
    stream.create(5, WatchSpec.of(key("a"), 0));
    stream.create(5, WatchSpec.of(key("b"), 0));
    stream.create(0, WatchSpec.of(new KeyRange(Bytes.utf8("b"), Bytes.utf8("a")), 0));
    stream.create(0, WatchSpec.of(new KeyRange(Bytes.utf8("b"), Bytes.utf8("b")), 0));
    bench.run();
    assertThat(sink.take())
        .containsExactly(
            "refused -1@1 NEGATIVE_START",
            "created 5@1",
            "refused -1@1 DUPLICATE_ID",
            "refused -1@1 EMPTY_RANGE",
            "refused -1@1 EMPTY_RANGE");
    assertThat(bench.hub.watchers()).isEqualTo(1);
  }

  @Test
  void c91_cancelIsAnsweredOnceAndNothingFollows() {
    create(WatchSpec.of(key("a"), 0));
    stream.cancel(0);
    stream.cancel(0);
    stream.cancel(404);
    bench.put("a", "1");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@1", "canceled 0@2");
    assertThat(sink.handled).isEqualTo(4);
    assertThat(bench.hub.watchers()).isZero();
  }

  @Test
  void c91_cancelOfAWatcherThatIsBeingReadForEndsIt() {
    bench.put("a", "1");
    bench.run();
    stream.create(0, withPrevious(key("a"), 2));
    bench.dispatch();
    assertThat(bench.readers).hasSize(1);
    stream.cancel(0);
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@2", "canceled 0@2");
    assertThat(bench.hub.slowWatchers()).isZero();
  }

  @Test
  void watchersThatWaitForTheirTurnAreServedWhenThoseBeforeThemAreCanceled() {
    bench.put("a", "1");
    bench.run();
    for (int i = 0; i <= WatchHub.SERVED_PER_STREAM_MAX; i++) {
      stream.create(0, withPrevious(key("a"), 2));
    }
    bench.dispatch();
    for (int i = 0; i < WatchHub.SERVED_PER_STREAM_MAX; i++) {
      stream.cancel(i);
    }
    sink.take();
    bench.run();
    assertThat(sink.take()).contains(WatchHub.SERVED_PER_STREAM_MAX + "@2: a=1@2");
    assertThat(bench.hub.slowWatchers()).isZero();
  }

  @Test
  void watcherBehindManyThatEndedInTheQueueIsServed() {
    bench.put("a", "1");
    bench.run();
    stream.create(0, withPrevious(key("a"), 2));
    bench.dispatch();
    assertThat(bench.readers).hasSize(1);
    for (int i = 0; i < 20; i++) {
      Subscriber gone = bench.hub.open(new RecordingSink());
      for (int j = 0; j < WatchHub.SERVED_PER_STREAM_MAX; j++) {
        gone.create(0, withPrevious(key("a"), 2));
      }
      bench.dispatch();
      gone.close();
    }
    RecordingSink last = new RecordingSink();
    bench.hub.open(last).create(0, withPrevious(key("a"), 2));
    bench.run();
    assertThat(last.take()).containsExactly("created 0@2", "0@2: a=1@2");
  }

  @Test
  void c92_eventsOfARevisionComeTogetherAndInOrder() {
    create(WatchSpec.of(prefix("k"), 0));
    bench.changed(bench.keys.put(9, "v", "k1", "k2", "other", "k3"));
    bench.delete("k1", "k2", "k3");
    bench.dispatcher.remove().run();
    assertThat(sink.take())
        .containsExactly("created 0@1", "0@3: k1=v@2 k2=v@2 k3=v@2 -k1@3 -k2@3 -k3@3");
  }

  @Test
  void c92_largeBacklogIsCutBetweenRevisionsOnly() {
    String value = "x".repeat(50_000);
    for (int i = 0; i < 20; i++) {
      bench.changed(bench.keys.put(0, value, "k1", "k2"));
    }
    bench.run();
    create(WatchSpec.of(prefix("k"), 2));
    long last = 0;
    assertThat(sink.messages).hasSizeGreaterThan(5);
    for (RecordingSink.Message message : sink.messages.subList(1, sink.messages.size())) {
      long first = message.events().get(0).getKv().getModRevision();
      assertThat(first).isEqualTo(last + (last == 0 ? 2 : 1));
      last = message.revision();
      assertThat(message.events()).hasSize((int) (last - first + 1) * 2);
    }
    assertThat(last).isEqualTo(21);
  }

  @Test
  void c93_filteredEventsSendNothing() {
    stream.create(0, new WatchSpec(key("a"), 0, false, true, false, false, false));
    stream.create(0, new WatchSpec(key("a"), 0, true, false, false, false, false));
    stream.create(0, new WatchSpec(key("a"), 0, false, false, false, false, false));
    bench.run();
    sink.take();
    bench.put("a", "1");
    bench.run();
    assertThat(sink.take()).containsExactly("1@2: a=1@2");
    bench.delete("a");
    bench.run();
    assertThat(sink.take()).containsExactly("0@3: -a@3");
  }

  @Test
  void c94_previousIsToldUnlessTheKeyIsNewOrItsHistoryGone() {
    create(withPrevious(key("a"), 0));
    bench.put("a", "1");
    bench.put("a", "2");
    bench.delete("a");
    bench.put("a", "3");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@1", "0@5: a=1@2 a=2@3(1) -a@4(2) a=3@5");
    bench.put("a", "4");
    bench.put("a", "5");
    bench.compact(6);
    bench.run();
    assertThat(sink.take()).containsExactly("0@7: a=4@6 a=5@7(4)");
  }

  @Test
  void c94_deletedKeyHasNameAndRevisionOnly() {
    create(WatchSpec.of(key("a"), 0));
    bench.changed(bench.keys.put(77, "v", "a"));
    bench.delete("a");
    bench.run();
    var kv = sink.messages.get(1).events().get(1).getKv();
    assertThat(kv)
        .isEqualTo(
            io.leasehold.api.mvccpb.KeyValue.newBuilder()
                .setKey(kv.getKey())
                .setModRevision(3)
                .build());
  }

  @Test
  void c18_previousOfAnEndedLeasesKeyTellsItsLease() {
    bench.changed(bench.keys.put(77, "v", "a"));
    create(withPrevious(key("a"), 0));
    bench.delete("a");
    bench.run();
    var event = sink.messages.get(1).events().get(0);
    assertThat(event.getPrevKv().getLease()).isEqualTo(77);
    assertThat(event.getPrevKv().getValue().toStringUtf8()).isEqualTo("v");
  }

  @Test
  void c95_progressIsToldOnceAllWatchersAreSynced() {
    stream.requestProgress();
    bench.run();
    assertThat(sink.take()).isEmpty();
    bench.put("a", "1");
    stream.create(0, withPrevious(key("a"), 1));
    stream.create(0, WatchSpec.of(key("b"), 0));
    stream.requestProgress();
    bench.dispatch();
    assertThat(sink.take()).containsExactly("created 0@2", "created 1@2");
    bench.run();
    assertThat(sink.take()).containsExactly("0@2: a=1@2", "progress -1@2");
    assertThat(sink.handled).isEqualTo(4);
  }

  @Test
  void c95_progressIsNeverOlderThanTheQuestion() {
    create(WatchSpec.of(key("a"), 0));
    sink.take();
    var applied = bench.keys.put(0, "1", "a");
    stream.requestProgress();
    bench.run();
    assertThat(sink.take()).isEmpty();
    bench.changed(applied);
    bench.run();
    assertThat(sink.take()).containsExactly("0@2: a=1@2", "progress -1@2");
  }

  @Test
  void c95_progressWaitsForAWatcherOfTheFutureUntilItEnds() {
    create(WatchSpec.of(key("a"), 100));
    create(WatchSpec.of(key("a"), 0));
    sink.take();
    stream.requestProgress();
    bench.run();
    assertThat(sink.take()).isEmpty();
    stream.cancel(0);
    bench.run();
    assertThat(sink.take()).containsExactly("canceled 0@1", "progress -1@1");
  }

  @Test
  void c96_silentWatchersThatWantItHearOfProgress() {
    stream.create(0, new WatchSpec(key("a"), 0, true, true, false, true, false));
    stream.create(0, WatchSpec.of(key("b"), 0));
    bench.put("b", "1");
    stream.progressDue();
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@2", "created 1@2");
    stream.progressDue();
    bench.run();
    assertThat(sink.take()).containsExactly("progress 0@2");
    bench.put("a", "1");
    bench.run();
    stream.progressDue();
    bench.run();
    assertThat(sink.take()).containsExactly("0@3: a=1@3");
    stream.progressDue();
    bench.run();
    assertThat(sink.take()).containsExactly("progress 0@3");
  }

  @Test
  void c98_deletionBetweenReadAndWatchIsDelivered() {
    bench.put("lock/1", "");
    bench.run();
    long headerRevision = bench.keys.revision();
    bench.delete("lock/1");
    create(WatchSpec.of(key("lock/1"), headerRevision));
    assertThat(sink.take()).containsExactly("created 0@3", "0@3: lock/1=@2 -lock/1@3");
  }

  @Test
  void c100_nextWatcherGoesOnWhereTheLastOneWasCut() {
    create(WatchSpec.of(key("a"), 0));
    bench.put("a", "1");
    bench.run();
    stream.close();
    bench.put("a", "2");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@1", "0@2: a=1@2");
    RecordingSink again = new RecordingSink();
    bench.hub.open(again).create(0, WatchSpec.of(key("a"), 3));
    bench.put("a", "3");
    bench.run();
    assertThat(again.messages.stream().flatMap(message -> message.events().stream()))
        .extracting(RecordingSink::text)
        .containsExactly("a=2@3", "a=3@4");
    assertThat(bench.hub.watchers()).isEqualTo(1);
  }

  @Test
  void watcherThatDoesNotReadKeepsNothingAndGoesOnWhereItStopped() {
    create(WatchSpec.of(prefix(""), 0));
    RecordingSink other = new RecordingSink();
    bench.hub.open(other).create(0, WatchSpec.of(prefix(""), 0));
    bench.run();
    sink.room = 1;
    for (int i = 2; i <= 5; i++) {
      bench.put("a", String.valueOf(i));
      bench.run();
    }
    assertThat(sink.take()).containsExactly("created 0@1", "0@2: a=2@2");
    assertThat(other.take()).hasSize(5);
    assertThat(bench.hub.slowWatchers()).isEqualTo(1);
    sink.room = 10;
    stream.ready();
    bench.run();
    assertThat(sink.take()).containsExactly("0@5: a=3@3 a=4@4 a=5@5");
    assertThat(bench.hub.slowWatchers()).isZero();
    assertThat(bench.hub.eventsSent()).isEqualTo(8);
  }

  @Test
  void watcherThatDoesNotReadIsCanceledWhenItsHistoryIsGone() {
    WatchBench small = new WatchBench(300);
    Subscriber slow = small.hub.open(sink);
    slow.create(0, WatchSpec.of(key("a"), 0));
    small.run();
    sink.room = 0;
    for (int i = 2; i <= 9; i++) {
      small.put("a", String.valueOf(i));
    }
    small.run();
    small.compact(6);
    sink.room = 10;
    slow.ready();
    small.run();
    assertThat(sink.take()).containsExactly("created 0@1", "compacted 0@9 below 6");
    assertThat(small.hub.watchers()).isZero();
  }

  @Test
  void changesThatFellOutOfMemoryBeforeTheyWereDispatchedAreReadFromDisk() {
    WatchBench small = new WatchBench(500);
    Subscriber subscriber = small.hub.open(sink);
    subscriber.create(0, WatchSpec.of(prefix(""), 0));
    subscriber.create(0, WatchSpec.of(key("a"), 12));
    small.run();
    sink.take();
    for (int i = 2; i <= 20; i++) {
      small.put("a", String.valueOf(i));
    }
    assertThat(small.hub.lag()).isEqualTo(19);
    small.run();
    assertThat(small.hub.lag()).isZero();
    for (long id = 0; id <= 1; id++) {
      long watchId = id;
      assertThat(
              sink.messages.stream()
                  .filter(message -> message.watchId() == watchId)
                  .flatMap(message -> message.events().stream())
                  .map(event -> event.getKv().getModRevision()))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(id == 0 ? 2 : 12, 20).mapToObj(i -> (long) i).toList());
    }
  }

  @Test
  void installedSnapshotIsReadFromDisk() {
    create(WatchSpec.of(key("a"), 0));
    bench.keys.put(0, "2", "a");
    bench.keys.put(0, "3", "a");
    bench.hub.reset(3);
    bench.run();
    bench.put("a", "4");
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@1", "0@3: a=2@2 a=3@3", "0@4: a=4@4");
  }

  @Test
  void installedSnapshotWithoutTheHistoryCancels() {
    create(WatchSpec.of(key("a"), 0));
    bench.keys.put(0, "2", "a");
    bench.keys.put(0, "3", "a");
    bench.keys.compact(3);
    bench.hub.reset(3);
    bench.run();
    assertThat(sink.take()).containsExactly("created 0@1", "compacted 0@3 below 3");
  }

  @Test
  void streamIsFailedWhenHistoryCannotBeReadAndOthersGoOn() {
    KeyHistory keys = new KeyHistory();
    java.util.ArrayDeque<Runnable> tasks = new java.util.ArrayDeque<>();
    boolean[] isBroken = {false};
    WatchHub hub =
        new WatchHub(
            1 << 20,
            keys::revision,
            action -> {
              if (isBroken[0]) {
                throw new IllegalStateException("closed");
              }
              keys.read(action);
            },
            tasks::add,
            tasks::add);
    RecordingSink other = new RecordingSink();
    hub.open(other).create(0, WatchSpec.of(key("a"), 0));
    Subscriber subscriber = hub.open(sink);
    subscriber.create(0, withPrevious(key("a"), 0));
    tasks.remove().run();
    isBroken[0] = true;
    hub.changed(2, keys.put(0, "v", "a"));
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    assertThat(sink.isFailed).isTrue();
    assertThat(other.isFailed).isFalse();
    hub.changed(3, keys.put(0, "w", "a"));
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
    assertThat(other.take()).last().isEqualTo("0@3: a=w@3");
    assertThat(hub.watchers()).isEqualTo(1);
  }

  @Test
  void hubTellsNothingTwiceToWatchersOfOneKeyInSeveralWays() {
    for (KeyRange range :
        List.of(
            key("k1"),
            prefix("k"),
            prefix("k1"),
            new KeyRange(Bytes.utf8("a"), Bytes.utf8("z")),
            new KeyRange(Bytes.utf8("k1"), null))) {
      stream.create(0, WatchSpec.of(range, 0));
    }
    bench.run();
    sink.take();
    bench.put("k1", "v");
    bench.run();
    assertThat(sink.take())
        .containsExactlyInAnyOrder(
            "0@2: k1=v@2", "1@2: k1=v@2", "2@2: k1=v@2", "3@2: k1=v@2", "4@2: k1=v@2");
  }
}
