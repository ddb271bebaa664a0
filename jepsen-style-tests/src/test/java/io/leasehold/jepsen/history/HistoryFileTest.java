package io.leasehold.jepsen.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 1, unit = TimeUnit.MINUTES)
class HistoryFileTest {
  private static final KeyValue KEY = new KeyValue("k\u00e9\"\n", "v", 2, 3, 2, 7);

  @TempDir private Path directory = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void nameTheFile() {
    file = directory.resolve("history.jsonl");
  }

  @Test
  void everyKindOfLineComesBackAsItWas() throws IOException {
    List<Entry> entries = oneOfEach();
    write(entries);
    assertThat(HistoryReader.read(file).entries()).isEqualTo(entries);
    assertThat(entries.stream().map(Object::getClass).distinct().toList())
        .containsExactlyInAnyOrder(Entry.class.getPermittedSubclasses());
  }

  @Test
  void operationsAreSortedByTheTimeTheyWereSent() {
    Op late = Op.ok(1, "n1", new Request.Renew(1), new Answer.Renewed(4), 0, 0, 20, 21);
    Op early = Op.ok(2, "n1", new Request.Renew(1), new Answer.Renewed(4), 0, 0, 10, 30);
    History history = History.of(late, early);
    assertThat(history.ops()).containsExactly(early, late);
    assertThat(history.endNanos()).isEqualTo(30);
  }

  @Test
  void manyThreadsWriteWholeLines() throws Exception {
    int threads = 8;
    int lines = 500;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (HistoryWriter writer = new HistoryWriter(file)) {
      List<Future<?>> done = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        String name = "n" + thread;
        done.add(
            executor.submit(
                () -> {
                  for (int i = 0; i < lines; i++) {
                    writer.append(new Counter("count", name, i));
                  }
                  return null;
                }));
      }
      for (Future<?> each : done) {
        each.get();
      }
    } finally {
      executor.shutdownNow();
    }
    History history = HistoryReader.read(file);
    for (int thread = 0; thread < threads; thread++) {
      String name = "n" + thread;
      assertThat(
              history.all(Counter.class).stream()
                  .filter(counter -> counter.node().equals(name))
                  .map(Counter::value))
          .hasSize(lines)
          .isSorted();
    }
  }

  @Test
  void aLineIsInTheFileBeforeTheWriterIsClosed() throws IOException {
    try (HistoryWriter writer = new HistoryWriter(file)) {
      writer.append(new Phase("chaos", 1));
      assertThat(HistoryReader.read(file).entries()).containsExactly(new Phase("chaos", 1));
    }
  }

  @Test
  void anOldHistoryIsNotWrittenOver() throws IOException {
    write(List.of(new Phase("chaos", 1)));
    assertThatThrownBy(() -> write(List.of())).isInstanceOf(IOException.class);
    assertThat(HistoryReader.read(file).entries()).hasSize(1);
  }

  @Test
  void aTornLastLineIsLeftOutWhereverItWasTorn() throws IOException {
    Entry torn = oneOfEach().get(0);
    write(List.of(new Phase("chaos", 1), torn));
    byte[] all = Files.readAllBytes(file);
    int start = new String(all, StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    for (int length = start; length < all.length - 1; length++) {
      Files.write(file, java.util.Arrays.copyOf(all, length));
      assertThat(HistoryReader.read(file).entries())
          .as("%s bytes", length)
          .containsExactly(new Phase("chaos", 1));
    }
    Files.write(file, java.util.Arrays.copyOf(all, all.length - 1));
    assertThat(HistoryReader.read(file).entries()).hasSize(2);
  }

  @Test
  void aDamagedLineIsRefusedByItsNumber() throws IOException {
    String good = Json.write(new Phase("chaos", 1));
    refused(good.substring(0, good.length() - 1), "");
    refused("", "");
    refused("[]", "not an object");
    refused(good.replace("phase", "phrase"), "unknown kind");
    refused(good.replace("atNanos", "atnanos"), "unknown atnanos");
    refused(good.replace(",\"atNanos\":1", ""), "no atNanos");
    refused(good.replace("\"chaos\"", "null"), "no");
    refused(good.replace("1}", "\"soon\"}"), "");
    String op = Json.write(oneOfEach().get(0));
    refused(op.replace("\"OK\"", "\"OKAY\""), "");
    refused(op.replace("\"returnedNanos\":20", "\"returnedNanos\":2"), "before it was invoked");
  }

  private void refused(String line, String reason) throws IOException {
    String good = Json.write(new Phase("chaos", 1)) + "\n";
    Files.writeString(file, good + line + "\n" + good);
    assertThatThrownBy(() -> HistoryReader.read(file))
        .as(line)
        .isInstanceOfSatisfying(
            DamagedHistoryException.class, e -> assertThat(e.line()).isEqualTo(2))
        .hasMessageContaining("history.jsonl, line 2")
        .hasMessageContaining(reason);
  }

  @Test
  void stallsAreCountedWhereTheyOverlap() {
    History history = History.of(new Stall(30, 40), new Stall(10, 20), new Stall(50, 51));
    assertThat(history.stalledNanos(0, 100)).isEqualTo(21);
    assertThat(history.stalledNanos(12, 15)).isEqualTo(3);
    assertThat(history.stalledNanos(15, 32)).isEqualTo(7);
    assertThat(history.stalledNanos(20, 30)).isZero();
  }

  private void write(List<Entry> entries) throws IOException {
    try (HistoryWriter writer = new HistoryWriter(file)) {
      for (Entry entry : entries) {
        writer.append(entry);
      }
    }
  }

  private static List<Entry> oneOfEach() {
    List<Request.OnKeys> parts =
        List.of(
            new Request.Put("k", "v", 7, true),
            new Request.Delete(KeyRange.prefix("k"), false),
            new Request.Range(KeyRange.all(), 5, true, 3, false, Request.Order.MOD_DESCENDING),
            new Request.Txn(List.of(), List.of(), List.of()));
    Request txn =
        new Request.Txn(
            List.of(Request.Guard.created("k", Request.Relation.EQUAL, 0)), parts, List.of());
    Answer decided =
        new Answer.Decided(
            true,
            List.of(
                new Answer.Written(KEY),
                new Answer.Written(null),
                new Answer.Deleted(1, List.of(KEY)),
                new Answer.Ranged(List.of(KEY), 1, false),
                new Answer.Decided(false, List.of())));
    List<Entry> entries = new ArrayList<>();
    entries.add(Op.ok(1, "n1", txn, decided, 5, 2, 10, 20));
    entries.add(op(new Request.Grant(0, 4), new Answer.Granted(7, 4)));
    entries.add(op(new Request.Renew(7), new Answer.Renewed(4)));
    entries.add(op(new Request.Revoke(7), new Answer.Revoked()));
    entries.add(op(new Request.TimeToLive(7, true), new Answer.TimeLeft(3, 4, List.of("k"))));
    entries.add(op(new Request.ListLeases(true), new Answer.Leases(List.of(7L, -8L))));
    entries.add(op(new Request.Compact(3), new Answer.Compacted()));
    entries.add(op(new Request.Acquire("l", 7), new Answer.Acquired("l/7", 9, 9)));
    entries.add(op(new Request.Release("l", "l/7", 9), new Answer.Released()));
    entries.add(
        Op.unanswered(
            Long.MAX_VALUE, "n2", new Request.Renew(Long.MIN_VALUE), Result.INFO, "late", 1, 1));
    entries.add(new FaultWindow("kill", "n1", 1, 2));
    entries.add(new Stall(1, 2));
    entries.add(new Phase(Phase.FINAL, 3));
    entries.add(new MemberState("n1", 1, 2, true, 3, 4, 5, "abc"));
    entries.add(new Counter("renewals", "n1", 5));
    entries.add(new FencedWrite("r", 1, 2, true, 3));
    entries.add(new WatchOpened(1, "n1", KeyRange.one("k"), 0, 2, true, false, true, false, 3));
    entries.add(
        new WatchAnswer(
            1,
            3,
            List.of(new Event(Event.Type.PUT, KEY, KEY), Event.put(KEY), Event.delete("k", 3)),
            4));
    entries.add(new WatchClosed(1, 2, "compacted", 5));
    return entries;
  }

  private static Op op(Request request, Answer answer) {
    return Op.ok(1, "n1", request, answer, 5, 2, 10, 20);
  }
}
