package io.leasehold.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random changes, compactions and snapshots; watchers that come, read slowly, stop and go; threads
 * that run in random order. What each watcher heard must be what history has for it. {@code
 * -Dwatch.seed} repeats a run.
 */
@Timeout(120)
final class WatchHubModelTest {
  private static final int RUNS = Integer.getInteger("watch.runs", 100);
  private static final int STEPS = 600;
  private static final int KEYS = 12;
  private static final int STREAMS = 5;

  @Test
  void eachWatcherHearsExactlyItsPartOfHistory() {
    long only = Long.getLong("watch.seed", -1);
    int[] ends = new int[3];
    for (long seed = only >= 0 ? only : 1; seed <= (only >= 0 ? only : RUNS); seed++) {
      Run run = new Run(seed);
      try {
        run.all();
        ends[0] += run.heard;
        ends[1] += run.compactedWatchers;
        ends[2] += run.progress;
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError(
            "replay: -Dtest=WatchHubModelTest -Dwatch.seed=" + seed + "; step " + run.step, e);
      }
    }
    // Otherwise the runs would have shown nothing.
    assertThat(ends).doesNotContain(0);
  }

  /** What a test knows of a watcher. */
  private static final class Seen {
    final WatchSpec spec;
    final long createdRevision;
    final long firstRevision;
    final List<Event> events = new ArrayList<>();
    long toldRevision;
    long compactedRevision;

    Seen(WatchSpec spec, long createdRevision) {
      this.spec = spec;
      this.createdRevision = createdRevision;
      this.firstRevision = spec.startRevision() == 0 ? createdRevision + 1 : spec.startRevision();
    }
  }

  private static final class Stream {
    final RecordingSink sink = new RecordingSink();
    final ArrayDeque<WatchSpec> creating = new ArrayDeque<>();
    final Map<Long, Seen> live = new HashMap<>();
    Subscriber subscriber;
  }

  private static final class Run {
    final Random random;
    final WatchBench bench;
    final List<Stream> streams = new ArrayList<>();
    final List<Seen> over = new ArrayList<>();
    int step;
    int heard;
    int compactedWatchers;
    int progress;

    Run(long seed) {
      random = new Random(seed);
      bench = new WatchBench(random.nextBoolean() ? 1 << 20 : 200 + random.nextInt(5000));
    }

    void all() {
      for (int i = 0; i < STREAMS; i++) {
        open();
      }
      for (step = 0; step < STEPS; step++) {
        act();
      }
      for (Stream stream : streams) {
        stream.sink.room = Integer.MAX_VALUE;
        stream.subscriber.ready();
      }
      bench.run();
      for (Stream stream : streams) {
        stream.subscriber.requestProgress();
      }
      bench.run();
      assertThat(bench.readers).isEmpty();
      assertThat(bench.hub.slowWatchers()).isZero();
      assertThat(bench.hub.lag()).isZero();
      streams.forEach(this::listen);
      for (Stream stream : streams) {
        stream.live.values().forEach(seen -> check(seen, bench.keys.revision()));
      }
      over.forEach(seen -> check(seen, seen.toldRevision));
    }

    void act() {
      Stream stream = streams.get(random.nextInt(STREAMS));
      switch (random.nextInt(24)) {
        case 0, 1, 2, 3, 4 -> bench.put(key(), "v" + step);
        case 5 -> bench.changed(bench.keys.put(7, "t" + step, keys()));
        case 6 -> bench.delete(key());
        case 7 -> {
          // as the end of a lease
          if (random.nextBoolean()) {
            bench.delete(keys());
          } else {
            bench.deleteUnnamed(keys());
          }
        }
        case 8 -> {
          if (random.nextInt(8) == 0) {
            long revision = bench.keys.revision();
            bench.compact(Math.max(bench.keys.compactedRevision(), revision - random.nextInt(20)));
          }
        }
        case 9, 10 -> create(stream);
        case 11 -> cancel(stream);
        case 12 -> stream.subscriber.requestProgress();
        case 13 -> stream.subscriber.progressDue();
        case 14 -> stream.sink.room = random.nextInt(3);
        case 15, 16 -> {
          stream.sink.room = random.nextInt(6);
          stream.subscriber.ready();
        }
        case 17 -> {
          if (random.nextInt(20) == 0) {
            install();
          } else if (random.nextInt(20) == 0) {
            listen(stream);
            stream.subscriber.close();
            over.addAll(stream.live.values());
            streams.remove(stream);
            open();
          }
        }
        case 18, 19 -> runOne(bench.readers);
        default -> runOne(bench.dispatcher);
      }
      listen(stream);
    }

    void runOne(ArrayDeque<Runnable> tasks) {
      if (!tasks.isEmpty()) {
        tasks.remove().run();
      }
    }

    /** Some changes are not applied here one by one, but come with a snapshot. */
    void install() {
      for (int i = random.nextInt(10); i >= 0; i--) {
        bench.keys.put(0, "s" + step, key());
      }
      if (random.nextInt(4) == 0) {
        bench.keys.compact(bench.keys.revision() - random.nextInt(3));
      }
      bench.hub.reset(bench.keys.revision());
    }

    void open() {
      Stream stream = new Stream();
      stream.subscriber = bench.hub.open(stream.sink);
      streams.add(stream);
    }

    void create(Stream stream) {
      long revision = bench.keys.revision();
      long start =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> revision + random.nextInt(20);
            default -> 1 + random.nextInt((int) revision);
          };
      WatchSpec spec =
          new WatchSpec(
              range(),
              start,
              random.nextInt(5) > 0,
              random.nextInt(5) > 0,
              random.nextInt(3) == 0,
              random.nextInt(3) == 0,
              false);
      stream.creating.add(spec);
      stream.subscriber.create(0, spec);
    }

    void cancel(Stream stream) {
      List<Long> ids = List.copyOf(stream.live.keySet());
      if (!ids.isEmpty()) {
        stream.subscriber.cancel(ids.get(random.nextInt(ids.size())));
      }
    }

    /** Takes in what a stream was sent, checking what can be checked at once. */
    void listen(Stream stream) {
      for (RecordingSink.Message message : stream.sink.messages) {
        Seen seen = stream.live.get(message.watchId());
        switch (message.kind()) {
          case "created" ->
              stream.live.put(
                  message.watchId(), new Seen(stream.creating.remove(), message.revision()));
          case "events" -> {
            heard += message.events().size();
            long first = message.events().get(0).getKv().getModRevision();
            assertThat(first)
                .as("revision told before, or in parts")
                .isGreaterThan(seen.toldRevision);
            seen.toldRevision = message.revision();
            seen.events.addAll(message.events());
          }
          case "progress" -> {
            progress++;
            if (message.watchId() == WatchSink.NO_WATCHER) {
              stream.live.values().forEach(each -> progressed(each, message.revision()));
            } else {
              progressed(seen, message.revision());
            }
          }
          case "compacted" -> {
            compactedWatchers++;
            seen.compactedRevision =
                Long.parseLong(message.text().substring(message.text().lastIndexOf(' ') + 1));
            over.add(stream.live.remove(message.watchId()));
          }
          case "canceled" -> over.add(stream.live.remove(message.watchId()));
          default -> throw new AssertionError(message);
        }
      }
      stream.sink.messages.clear();
    }

    void progressed(Seen seen, long revision) {
      assertThat(revision).isGreaterThanOrEqualTo(seen.firstRevision - 1);
      check(seen, revision);
      seen.toldRevision = Math.max(seen.toldRevision, revision);
    }

    /** Compares what a watcher heard with what history has for it up to a revision. */
    void check(Seen seen, long through) {
      List<String> expected = new ArrayList<>();
      List<KeyEvent> all = bench.keys.all();
      for (KeyEvent event : all) {
        if (event.revision() >= seen.firstRevision
            && event.revision() <= through
            && seen.spec.range().contains(event.key())
            && seen.spec.wants(event)) {
          expected.add(text(event));
        }
      }
      assertThat(seen.events.stream().map(event -> RecordingSink.text(withoutPrevious(event))))
          .as("%s created at %d", seen.spec, seen.createdRevision)
          .containsExactlyElementsOf(expected);
      for (Event event : seen.events) {
        checkPrevious(seen, event);
      }
      if (seen.compactedRevision > 0) {
        assertThat(Math.max(seen.firstRevision, seen.toldRevision + 1))
            .isLessThan(seen.compactedRevision);
      }
    }

    void checkPrevious(Seen seen, Event event) {
      if (!seen.spec.wantsPrevious()) {
        assertThat(event.hasPrevKv()).isFalse();
        return;
      }
      KeyValue previous = before(event);
      if (event.hasPrevKv()) {
        assertThat(previous).isNotNull();
        assertThat(event.getPrevKv().getModRevision()).isEqualTo(previous.modRevision());
        assertThat(event.getPrevKv().getValue().toStringUtf8())
            .isEqualTo(
                new String(previous.value().array(), java.nio.charset.StandardCharsets.UTF_8));
      } else if (previous != null) {
        assertThat(event.getKv().getModRevision() - 1).isLessThan(bench.keys.compactedRevision());
      }
    }

    @Nullable KeyValue before(Event event) {
      KeyValue previous = null;
      for (KeyEvent each : bench.keys.all()) {
        if (each.revision() >= event.getKv().getModRevision()) {
          break;
        }
        if (each.key().equals(Bytes.wrap(event.getKv().getKey().toByteArray()))) {
          previous = each instanceof KeyEvent.Put put ? put.keyValue() : null;
        }
      }
      return previous;
    }

    static String text(KeyEvent event) {
      return RecordingSink.text(EventMessages.of(event, null));
    }

    static Event withoutPrevious(Event event) {
      return event.hasPrevKv() ? event.toBuilder().clearPrevKv().build() : event;
    }

    KeyRange range() {
      return switch (random.nextInt(4)) {
        case 0 -> KeyRange.prefix(Bytes.utf8("k"));
        case 1 -> new KeyRange(Bytes.utf8(key()), null);
        case 2 -> new KeyRange(Bytes.utf8("k0"), Bytes.utf8("k5"));
        default -> KeyRange.single(Bytes.utf8(key()));
      };
    }

    String key() {
      return "k" + random.nextInt(KEYS);
    }

    String[] keys() {
      int first = random.nextInt(KEYS);
      return IntStream.range(first, KEYS).mapToObj(i -> "k" + i).toArray(String[]::new);
    }
  }
}
