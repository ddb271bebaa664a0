package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import io.leasehold.jepsen.history.WatchAnswer;
import io.leasehold.jepsen.history.WatchOpened;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A history as a correct cluster makes it, from a seed: each request takes effect at a time of its
 * own within its interval, and many intervals overlap.
 */
final class LegalRun {
  private static final int KEYS = 4;
  private static final long LEASE = 7;

  private final Random random;
  private final KeyModel model = new KeyModel();
  private final List<Entry> entries = new ArrayList<>();
  private final List<List<Event>> log = new ArrayList<>();
  private final List<Long> times = new ArrayList<>();
  private long revision = 1;
  private long now = 1000;
  private int values;

  private LegalRun(long seed) {
    random = new Random(seed);
  }

  /** So many requests, and canonical watches on two members. */
  static List<Entry> of(long seed, int requests) {
    LegalRun run = new LegalRun(seed);
    run.entries.add(
        Op.ok(
            0,
            "n1",
            new Request.Grant(0, 100_000),
            new Answer.Granted(LEASE, 100_000),
            1,
            1,
            0,
            1));
    for (int i = 0; i < requests; i++) {
      run.step();
    }
    run.watch(1, "n1", KeyRange.all(), 2, false, true);
    run.watch(2, "n2", KeyRange.all(), 2, false, true);
    long start = 2L + run.random.nextInt((int) run.revision);
    run.watch(3, "n3", KeyRange.one("k1"), start, true, false);
    return run.entries;
  }

  private void step() {
    now += 10;
    int kind = random.nextInt(10);
    Request.OnKeys request =
        switch (kind) {
          case 0, 1, 2 -> put();
          case 3 -> new Request.Delete(KeyRange.one(key()), random.nextBoolean());
          case 4 -> new Request.Delete(new KeyRange("k0", "k2"), false);
          case 5, 6 -> Request.Range.of(key());
          case 7 -> range();
          default -> txn();
        };
    KeyModel.Run run = model.run(request, run(request) ? revision + 1 : revision);
    int fate = random.nextInt(20);
    boolean unknown = fate < 2 && !(request instanceof Request.Range);
    if (fate == 0 && unknown) {
      // It never happens.
      addOp(request, null);
      return;
    }
    if (!run.events().isEmpty()) {
      revision++;
      log.add(run.events());
      times.add(now);
      model.apply(run.events());
    }
    addOp(request, unknown ? null : run.answer());
  }

  private boolean run(Request.OnKeys request) {
    return !model.run(request, revision + 1).events().isEmpty();
  }

  private void addOp(Request request, @Nullable Answer answer) {
    long invoked = now - random.nextInt(40);
    long returned = now + random.nextInt(40);
    long process = entries.size();
    String node = "n" + (1 + random.nextInt(3));
    entries.add(
        answer == null
            ? Op.unanswered(process, node, request, Result.INFO, "timeout", invoked, returned)
            : Op.ok(process, node, request, answer, revision, 1, invoked, returned));
  }

  private String key() {
    return "k" + random.nextInt(KEYS);
  }

  private Request.Put put() {
    return new Request.Put(
        key(), "v" + values++, random.nextInt(3) == 0 ? LEASE : 0, random.nextBoolean());
  }

  private Request.Range range() {
    Request.Order[] orders = Request.Order.values();
    return new Request.Range(
        new KeyRange("k1", "k3"),
        0,
        false,
        random.nextInt(3),
        random.nextInt(4) == 0,
        orders[random.nextInt(orders.length)]);
  }

  private Request.Txn txn() {
    String key = key();
    KeyValue found = model.get(key);
    long guess = found == null || random.nextInt(3) == 0 ? 0 : found.modRevision();
    return new Request.Txn(
        List.of(Request.Guard.modified(key, Request.Relation.EQUAL, guess)),
        List.of(
            new Request.Put(key, "v" + values++, 0, false),
            new Request.Put("other", "v" + values++, 0, false)),
        List.of(Request.Range.of(key)));
  }

  private void watch(
      long stream, String node, KeyRange range, long start, boolean previous, boolean canonical) {
    WatchOpened opened =
        new WatchOpened(stream, node, range, start, 1, previous, false, false, canonical, 900);
    entries.add(opened);
    KeyModel before = new KeyModel();
    for (int i = 0; i < log.size(); i++) {
      List<Event> told = new ArrayList<>();
      for (Event event : log.get(i)) {
        if (opened.wants(event) && event.revision() >= opened.firstRevision()) {
          told.add(
              previous ? new Event(event.type(), event.now(), before.get(event.key())) : event);
        }
      }
      before.apply(log.get(i));
      if (!told.isEmpty()) {
        entries.add(new WatchAnswer(stream, i + 2, told, times.get(i) + random.nextInt(40)));
      }
    }
  }
}
