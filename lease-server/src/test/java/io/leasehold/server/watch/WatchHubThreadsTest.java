package io.leasehold.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.api.mvccpb.Event;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.server.fake.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The hub on real threads for two seconds: changes, slow streams and newcomers at once. */
@Timeout(60)
final class WatchHubThreadsTest {
  private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int STREAMS = 8;
  private static final int KEYS = 20;
  private static final int REVISIONS_MAX = 20_000;

  /** Takes some messages, then none until somebody makes room. */
  private static final class SlowSink implements WatchSink {
    final AtomicInteger room = new AtomicInteger();
    final List<Event> events = new ArrayList<>();
    volatile int count;
    volatile boolean isBroken;
    private long last;

    @Override
    public boolean isReady() {
      return room.get() > 0;
    }

    @Override
    public void events(long watchId, long revision, List<Event> batch, boolean mayFragment) {
      room.decrementAndGet();
      if (batch.get(0).getKv().getModRevision() <= last) {
        isBroken = true;
      }
      last = revision;
      events.addAll(batch);
      count = events.size();
    }

    @Override
    public void handled() {}

    @Override
    public void created(long watchId, long revision) {}

    @Override
    public void refused(WatchRefusal why, long revision) {
      isBroken = true;
    }

    @Override
    public void canceled(long watchId, long revision) {
      isBroken = true;
    }

    @Override
    public void compacted(long watchId, long revision, long compactedRevision) {
      isBroken = true;
    }

    @Override
    public void progress(long watchId, long revision) {}

    @Override
    public void failed() {
      isBroken = true;
    }
  }

  private record Watching(SlowSink sink, Subscriber stream, KeyRange range, long start) {}

  @Test
  void slowStreamsAndNewcomersMissNothingAndHearNothingTwice() {
    KeyHistory keys = new KeyHistory();
    ExecutorService dispatcher = Executors.newSingleThreadExecutor();
    ExecutorService readers = Executors.newFixedThreadPool(2);
    try {
      WatchHub hub = new WatchHub(20_000, keys::revision, keys, dispatcher, readers);
      List<Watching> watchers = new ArrayList<>();
      Random random = new Random(1);
      Thread applier = new Thread(() -> apply(keys, hub), "test-apply");
      applier.start();
      while (applier.isAlive()) {
        if (watchers.size() < STREAMS || (watchers.size() < 200 && random.nextInt(2000) == 0)) {
          watchers.add(open(keys, hub, random));
        }
        Watching any = watchers.get(random.nextInt(watchers.size()));
        any.sink().room.set(random.nextInt(5));
        any.stream().ready();
        Thread.onSpinWait();
      }
      for (Watching watching : watchers) {
        watching.sink().room.set(Integer.MAX_VALUE);
        watching.stream().ready();
      }
      List<KeyEvent> all = keys.all();
      for (Watching watching : watchers) {
        List<String> expected =
            all.stream()
                .filter(event -> event.revision() >= watching.start())
                .filter(event -> watching.range().contains(event.key()))
                .map(event -> RecordingSink.text(EventMessages.of(event, null)))
                .toList();
        SlowSink sink = watching.sink();
        Await.until(() -> sink.count >= expected.size());
        assertThat(sink.events.stream().map(RecordingSink::text))
            .containsExactlyElementsOf(expected);
        assertThat(sink.isBroken).isFalse();
      }
      Await.until(() -> hub.slowWatchers() == 0);
      assertThat(all).hasSizeGreaterThan(1000);
    } finally {
      dispatcher.shutdownNow();
      readers.shutdownNow();
    }
  }

  private static void apply(KeyHistory keys, WatchHub hub) {
    Random random = new Random(2);
    long startNanos = System.nanoTime();
    for (int i = 0; i < REVISIONS_MAX && System.nanoTime() - startNanos < RUN_NANOS; i++) {
      String key = "k" + random.nextInt(KEYS);
      List<KeyEvent> events =
          random.nextInt(4) == 0
              ? keys.delete(key, "k" + KEYS, "k0")
              : keys.put(0, "v" + i, key, "k" + KEYS);
      if (!events.isEmpty()) {
        hub.changed(keys.revision(), events);
      }
    }
  }

  private static Watching open(KeyHistory keys, WatchHub hub, Random random) {
    SlowSink sink = new SlowSink();
    Subscriber stream = hub.open(sink);
    KeyRange range =
        random.nextBoolean()
            ? KeyRange.prefix(Bytes.utf8("k1"))
            : KeyRange.single(Bytes.utf8("k" + random.nextInt(KEYS)));
    long start = 1L + random.nextInt((int) keys.revision() + 20);
    stream.create(0, WatchSpec.of(range, start));
    return new Watching(sink, stream, range, start);
  }
}
