package io.leasehold.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.PutResponse;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.api.etcdserverpb.WatchCancelRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchCreateRequest.FilterType;
import io.leasehold.api.etcdserverpb.WatchProgressRequest;
import io.leasehold.api.etcdserverpb.WatchRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Behaviours 86 to 100 of the wire contract: what watchers are told, by each member. */
final class WatchIT extends OnEachMember {
  private static final long TTL_SECONDS = 600;

  /** How long a watcher that asked for it hears nothing before it is told how far it is. */
  private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(1);

  @BeforeAll
  static void start() {
    cluster =
        Cluster.start(
            home, "--watch-progress-notify-interval", PROGRESS_INTERVAL.toMillis() + "ms");
  }

  private WatchCreateRequest.Builder watcherOf(String name, long startRevision) {
    return WatchCreateRequest.newBuilder()
        .setKey(Keys.bytes(key(name)))
        .setStartRevision(startRevision);
  }

  private WatchCreateRequest.Builder watcherOfAll(long startRevision) {
    return watcherOf("", startRevision).setRangeEnd(Keys.endOf(prefix));
  }

  private static WatchRequest create(WatchCreateRequest.Builder watcher) {
    return WatchRequest.newBuilder().setCreateRequest(watcher).build();
  }

  private static WatchRequest cancel(long watchId) {
    return WatchRequest.newBuilder()
        .setCancelRequest(WatchCancelRequest.newBuilder().setWatchId(watchId))
        .build();
  }

  private static WatchRequest progress() {
    return WatchRequest.newBuilder()
        .setProgressRequest(WatchProgressRequest.getDefaultInstance())
        .build();
  }

  private long put(String name, String value) {
    return Keys.put(member, key(name), value);
  }

  /** Has one key put so many times without waiting for the answers. */
  private List<Future<PutResponse>> putsLater(String name, int count) {
    KVGrpc.KVFutureStub writer = KVGrpc.newFutureStub(member.channel());
    PutRequest put =
        PutRequest.newBuilder().setKey(Keys.bytes(key(name))).setValue(Keys.bytes("v")).build();
    List<Future<PutResponse>> answers = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      answers.add(writer.put(put));
    }
    return answers;
  }

  private static void assertCreated(WatchResponse response, long watchId, long revision) {
    assertThat(response.getCreated()).isTrue();
    assertThat(response.getCanceled()).isFalse();
    assertThat(response.getWatchId()).isEqualTo(watchId);
    assertThat(response.getHeader().getRevision()).isEqualTo(revision);
    assertThat(response.getEventsList()).isEmpty();
  }

  private static void assertNotCreated(WatchResponse response, String reason) {
    assertThat(response.getCreated()).isTrue();
    assertThat(response.getCanceled()).isTrue();
    assertThat(response.getWatchId()).isEqualTo(-1);
    assertThat(response.getCancelReason()).isEqualTo(reason);
  }

  /** Returns events as text: kind, name, value and revision. */
  private List<String> texts(WatchResponse response) {
    return response.getEventsList().stream().map(this::text).toList();
  }

  private String text(Event event) {
    String name = event.getKv().getKey().toStringUtf8().substring(prefix.length());
    return event.getType()
        + " "
        + name
        + "="
        + event.getKv().getValue().toStringUtf8()
        + " @"
        + event.getKv().getModRevision();
  }

  /** Takes answers until so many events have come. */
  private List<String> nextTexts(Conversation<WatchRequest, WatchResponse> watchers, int count) {
    List<String> texts = new ArrayList<>();
    while (texts.size() < count) {
      WatchResponse response = watchers.next();
      assertThat(response.getEventsCount()).as(response.toString()).isPositive();
      texts.addAll(texts(response));
    }
    return texts;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c86_aWatcherIsCreatedFirstWithIdsFromZeroAndTheCurrentRevision(int index) {
    through(index);
    long first = put("a", "1");
    long current = put("a", "2");
    try (var watchers = Conversation.watchers(member)) {
      assertCreated(watchers.ask(create(watcherOf("a", first))), 0, current);
      assertThat(nextTexts(watchers, 2))
          .containsExactly("PUT a=1 @" + first, "PUT a=2 @" + current);
      assertCreated(watchers.ask(create(watcherOf("b", 0))), 1, current);
      assertCreated(watchers.ask(create(watcherOf("c", 0).setWatchId(7))), 7, current);
      assertThat(put("c", "1")).isEqualTo(current + 1);
      WatchResponse told = watchers.next();
      assertThat(told.getCreated()).isFalse();
      assertThat(told.getWatchId()).isEqualTo(7);
      assertThat(told.getHeader().getRevision()).isEqualTo(current + 1);
      assertThat(texts(told)).containsExactly("PUT c=1 @" + (current + 1));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c87_theStartSaysWhatIsToldFirst(int index) {
    through(index);
    long first = put("a", "1");
    long second = put("a", "2");
    long third = put("a", "3");
    try (var fromNow = Conversation.watchers(member);
        var fromThePast = Conversation.watchers(member);
        var fromTheFuture = Conversation.watchers(member)) {
      assertCreated(fromNow.ask(create(watcherOf("a", 0))), 0, third);
      assertCreated(fromThePast.ask(create(watcherOf("a", second))), 0, third);
      assertCreated(fromTheFuture.ask(create(watcherOf("a", third + 2))), 0, third);
      long fourth = put("a", "4");
      long fifth = put("a", "5");
      assertThat(fifth).isEqualTo(first + 4);
      assertThat(nextTexts(fromNow, 2)).containsExactly("PUT a=4 @" + fourth, "PUT a=5 @" + fifth);
      assertThat(nextTexts(fromThePast, 4))
          .containsExactly(
              "PUT a=2 @" + second, "PUT a=3 @" + third, "PUT a=4 @" + fourth, "PUT a=5 @" + fifth);
      assertThat(nextTexts(fromTheFuture, 1)).containsExactly("PUT a=5 @" + fifth);
    }
  }

  private void compact(long revision) {
    var unused =
        Keys.of(member)
            .compact(
                CompactionRequest.newBuilder().setRevision(revision).setPhysical(true).build());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c88_aStartThatIsCompactedIsCreatedAndCanceledWithTheRevisionThatIsLeft(int index) {
    through(index);
    long first = put("a", "1");
    long second = put("a", "2");
    compact(second);
    try (var watchers = Conversation.watchers(member)) {
      assertCreated(watchers.ask(create(watcherOf("a", first).setWatchId(5))), 5, second);
      WatchResponse canceled = watchers.next();
      assertThat(canceled.getWatchId()).isEqualTo(5);
      assertThat(canceled.getCreated()).isFalse();
      assertThat(canceled.getCanceled()).isTrue();
      assertThat(canceled.getCompactRevision()).isEqualTo(second);
      assertThat(canceled.getEventsList()).isEmpty();
      assertCreated(watchers.ask(create(watcherOf("a", second))), 0, second);
      assertThat(nextTexts(watchers, 1)).containsExactly("PUT a=2 @" + second);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c89And90_whatCannotBeWatchedIsRefusedWithEtcdsTextsAndTheStreamGoesOn(int index) {
    through(index);
    long current = put("a", "1");
    try (var watchers = Conversation.watchers(member)) {
      assertNotCreated(
          watchers.ask(create(watcherOf("a", -1))),
          "etcdserver: mvcc: required revision has been compacted");
      assertCreated(watchers.ask(create(watcherOf("a", 0).setWatchId(7))), 7, current);
      assertNotCreated(
          watchers.ask(create(watcherOf("b", 0).setWatchId(7))),
          "mvcc: duplicate watch ID provided on the WatchStream");
      assertNotCreated(
          watchers.ask(create(watcherOf("b", 0).setRangeEnd(Keys.bytes(key("a"))))),
          "mvcc: watcher range is empty");
      assertNotCreated(
          watchers.ask(create(watcherOf("b", 0).setRangeEnd(Keys.bytes(key("b"))))),
          "mvcc: watcher range is empty");
      long next = put("a", "2");
      assertThat(nextTexts(watchers, 1)).containsExactly("PUT a=2 @" + next);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c91_aCancelIsAnsweredOnceAndNothingFollows(int index) {
    through(index);
    long current = put("a", "1");
    try (var watchers = Conversation.watchers(member)) {
      assertCreated(watchers.ask(create(watcherOf("a", 0))), 0, current);
      assertCreated(watchers.ask(create(watcherOf("a", 0))), 1, current);
      watchers.send(cancel(404));
      WatchResponse canceled = watchers.ask(cancel(0));
      assertThat(canceled.getWatchId()).isZero();
      assertThat(canceled.getCanceled()).isTrue();
      assertThat(canceled.getCreated()).isFalse();
      assertThat(canceled.getCompactRevision()).isZero();
      watchers.send(cancel(0));
      long next = put("a", "2");
      // What the other watcher is told, and then the answer to a later request, show that nothing
      // else came before.
      WatchResponse told = watchers.next();
      assertThat(told.getWatchId()).isEqualTo(1);
      assertThat(texts(told)).containsExactly("PUT a=2 @" + next);
      assertCreated(watchers.ask(create(watcherOf("b", 0))), 2, next);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c92_eventsOfOneRevisionComeInOneAnswer(int index) {
    through(index);
    int transactions = 20;
    int putsOfEach = 50;
    try (var watchers = Conversation.watchers(member)) {
      assertThat(watchers.ask(create(watcherOfAll(0))).getCreated()).isTrue();
      for (int i = 0; i < transactions; i++) {
        TxnRequest.Builder txn = TxnRequest.newBuilder();
        for (int j = 0; j < putsOfEach; j++) {
          txn.addSuccess(
              RequestOp.newBuilder()
                  .setRequestPut(
                      PutRequest.newBuilder()
                          .setKey(Keys.bytes(key("k" + (100 + j))))
                          .setValue(Keys.bytes(String.valueOf(i)))));
        }
        assertThat(Keys.of(member).txn(txn.build()).getSucceeded()).isTrue();
      }
      for (int done = 0; done < transactions; ) {
        List<Event> events = watchers.next().getEventsList();
        // An answer may hold several revisions, each of them whole and in the order of keys.
        assertThat(events.size() % putsOfEach).isZero();
        for (int from = 0; from < events.size(); from += putsOfEach) {
          List<Event> one = events.subList(from, from + putsOfEach);
          assertThat(one)
              .extracting(event -> event.getKv().getModRevision())
              .containsOnly(one.get(0).getKv().getModRevision());
          assertThat(one)
              .extracting(event -> event.getKv().getKey().toStringUtf8())
              .isEqualTo(
                  IntStream.range(0, putsOfEach).mapToObj(j -> key("k" + (100 + j))).toList());
          done++;
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c92_aLargeAnswerIsCutOnlyForWhoAskedForFragments(int index) {
    through(index);
    long lease = Cluster.grant(member, TTL_SECONDS);
    String value = "0123456789".repeat(60_000);
    for (int i = 0; i < 4; i++) {
      long unused = Keys.put(member, key("k" + i), value, lease);
    }
    try (var whole = Conversation.watchers(member);
        var parts = Conversation.watchers(member)) {
      assertThat(whole.ask(create(watcherOfAll(0).setPrevKv(true))).getCreated()).isTrue();
      assertThat(parts.ask(create(watcherOfAll(0).setPrevKv(true).setFragment(true))).getCreated())
          .isTrue();
      long ended = revoke(member, lease);
      List<String> deletes =
          IntStream.range(0, 4).mapToObj(i -> "DELETE k" + i + "= @" + ended).toList();
      WatchResponse all = whole.next();
      assertThat(texts(all)).isEqualTo(deletes);
      assertThat(all.getFragment()).isFalse();
      WatchResponse part = parts.next();
      assertThat(part.getFragment()).isTrue();
      List<String> together = new ArrayList<>(texts(part));
      while (part.getFragment()) {
        part = parts.next();
        together.addAll(texts(part));
      }
      assertThat(together).isEqualTo(deletes);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c93_whatIsFilteredOutSendsNothing(int index) {
    through(index);
    try (var deletes = Conversation.watchers(member);
        var puts = Conversation.watchers(member)) {
      assertThat(deletes.ask(create(watcherOf("a", 0).addFilters(FilterType.NOPUT))).getCreated())
          .isTrue();
      assertThat(puts.ask(create(watcherOf("a", 0).addFilters(FilterType.NODELETE))).getCreated())
          .isTrue();
      long first = put("a", "1");
      long second = Keys.delete(member, key("a"));
      long third = put("a", "2");
      long fourth = Keys.delete(member, key("a"));
      assertThat(nextTexts(deletes, 2))
          .containsExactly("DELETE a= @" + second, "DELETE a= @" + fourth);
      assertThat(nextTexts(puts, 2)).containsExactly("PUT a=1 @" + first, "PUT a=2 @" + third);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c94_previousIsAbsentForNewKeysAndWhereHistoryIsGone(int index) {
    through(index);
    long first = put("a", "1");
    long second = put("a", "2");
    try (var watchers = Conversation.watchers(member)) {
      assertThat(watchers.ask(create(watcherOf("a", first).setPrevKv(true))).getCreated()).isTrue();
      assertThat(nextPrevious(watchers, 2)).containsExactly("none", "1");
    }
    compact(second);
    long unused = put("a", "3");
    try (var watchers = Conversation.watchers(member)) {
      assertThat(watchers.ask(create(watcherOf("a", second).setPrevKv(true))).getCreated())
          .isTrue();
      assertThat(nextPrevious(watchers, 2)).containsExactly("none", "2");
    }
  }

  /** Takes answers until so many events have come, and returns the values that were before. */
  private static List<String> nextPrevious(
      Conversation<WatchRequest, WatchResponse> watchers, int count) {
    List<String> values = new ArrayList<>();
    while (values.size() < count) {
      for (Event event : watchers.next().getEventsList()) {
        values.add(event.hasPrevKv() ? event.getPrevKv().getValue().toStringUtf8() : "none");
      }
    }
    return values;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c95_progressIsToldOnceForAllWatchersAndAfterWhatTheyStillHadToBeTold(int index) {
    through(index);
    int changes = 200;
    long first = put("a", "0");
    putsLater("a", changes - 1).forEach(OnEachMember::answerOf);
    long current = Keys.revision(member);
    try (var watchers = Conversation.watchers(member)) {
      watchers.send(progress()); // none without a watcher
      assertCreated(watchers.ask(create(watcherOf("b", 0))), 0, current);
      watchers.send(create(watcherOf("a", first)));
      watchers.send(progress());
      assertCreated(watchers.next(), 1, current);
      assertThat(nextTexts(watchers, changes)).hasSize(changes);
      WatchResponse told = watchers.next();
      assertThat(told.getWatchId()).isEqualTo(-1);
      assertThat(told.getCreated()).isFalse();
      assertThat(told.getCanceled()).isFalse();
      assertThat(told.getEventsList()).isEmpty();
      assertThat(told.getHeader().getRevision()).isEqualTo(current);
      // One answer for one question: next comes what happens next.
      long next = put("b", "1");
      assertThat(nextTexts(watchers, 1)).containsExactly("PUT b=1 @" + next);
    }
  }

  /** All members at once, for the sake of time. */
  @Test
  void c96_aWatcherIsToldOfProgressWhenItHeardNothingElse() {
    through(0);
    List<Conversation<WatchRequest, WatchResponse>> all = new ArrayList<>();
    try {
      for (MemberProcess each : cluster.members()) {
        var watchers = Conversation.watchers(each);
        all.add(watchers);
        assertThat(watchers.ask(create(watcherOf("a", 0).setProgressNotify(true))).getCreated())
            .isTrue();
      }
      long last = 0;
      long untilNanos =
          System.nanoTime() + PROGRESS_INTERVAL.multipliedBy(5).dividedBy(2).toNanos();
      while (System.nanoTime() - untilNanos < 0) {
        last = put("a", "v");
        Conditions.letPass(Duration.ofMillis(50));
      }
      for (var watchers : all) {
        assertOnlyEventsUntil(watchers, last);
        for (int i = 0; i < 2; i++) {
          WatchResponse told = watchers.next();
          assertThat(told.getWatchId()).isZero();
          assertThat(told.getEventsList()).isEmpty();
          assertThat(told.getCreated()).isFalse();
          assertThat(told.getCanceled()).isFalse();
          assertThat(told.getHeader().getRevision()).isEqualTo(last);
        }
      }
    } finally {
      all.forEach(Conversation::close);
    }
  }

  private static void assertOnlyEventsUntil(
      Conversation<WatchRequest, WatchResponse> watchers, long revision) {
    long told = 0;
    while (told < revision) {
      WatchResponse response = watchers.next();
      assertThat(response.getEventsCount()).as(response.toString()).isPositive();
      told = response.getEvents(response.getEventsCount() - 1).getKv().getModRevision();
    }
    assertThat(told).isEqualTo(revision);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c98_aDeletionBetweenTheReadAndTheWatchIsTold(int index) {
    through(index);
    for (MemberProcess deleter : cluster.members()) {
      long unused = put("before", "holder");
      long read = put("own", "waiter");
      assertThat(Keys.revision(member)).isEqualTo(read);
      long deleted = Keys.delete(deleter, key("before"));
      assertThat(deleted).isEqualTo(read + 1);
      try (var watchers = Conversation.watchers(member)) {
        assertThat(watchers.ask(create(watcherOf("before", read))).getCreated()).isTrue();
        assertThat(nextTexts(watchers, 1)).containsExactly("DELETE before= @" + deleted);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void c100_aWatchThatGoesOnElsewhereAfterWhatItHeardLastHasNoGapAndNoDuplicate(int index) {
    through(index);
    int puts = 300;
    long before = put("first", "1");
    List<Future<PutResponse>> written = putsLater("k", puts);
    List<Long> heard = new ArrayList<>();
    long last = before;
    for (int reader = index; heard.size() < puts; reader++) {
      // Two answers of each member, and then the next.
      try (var watchers = Conversation.watchers(cluster.member(reader % 3))) {
        assertThat(watchers.ask(create(watcherOfAll(last + 1))).getCreated()).isTrue();
        for (int i = 0; i < 2 && heard.size() < puts; i++) {
          for (Event event : watchers.next().getEventsList()) {
            last = event.getKv().getModRevision();
            heard.add(last);
          }
        }
      }
    }
    assertThat(heard).isEqualTo(LongStream.rangeClosed(before + 1, before + puts).boxed().toList());
    assertThat(
            written.stream().map(put -> answerOf(put).getHeader().getRevision()).sorted().toList())
        .isEqualTo(heard);
  }
}
