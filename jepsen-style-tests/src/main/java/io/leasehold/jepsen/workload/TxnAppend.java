package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Transactions that append to one or several lists, each if nobody else has done so meanwhile. */
final class TxnAppend implements Workload {
  private static final int PLAYERS = 6;
  private static final int LISTS_AT_A_TIME = 5;
  private static final int TURNS_OF_A_GENERATION = 200;

  @Override
  public void begin(Stage stage) {
    AtomicLong turns = new AtomicLong();
    stage.playSeveral(PLAYERS, "appender", player -> append(player, turns));
    stage.playOnEach("appender", player -> append(player, turns));
  }

  private static void append(Player player, AtomicLong turns) throws InterruptedException {
    long generation = turns.getAndIncrement() / TURNS_OF_A_GENERATION;
    int first = player.random().nextInt(LISTS_AT_A_TIME);
    int lists = player.between(1, 3);
    List<String> keys = new ArrayList<>();
    List<Request.OnKeys> reads = new ArrayList<>();
    for (int i = 0; i < lists; i++) {
      String key = "append/" + generation + "/" + (first + i) % LISTS_AT_A_TIME;
      keys.add(key);
      reads.add(Request.Range.of(key));
    }
    var read = player.call(new Request.Txn(List.of(), reads, List.of()));
    if (read.answer() instanceof Answer.Decided decided) {
      List<Request.Guard> guards = new ArrayList<>();
      List<Request.OnKeys> writes = new ArrayList<>();
      for (int i = 0; i < lists; i++) {
        List<KeyValue> found = ((Answer.Ranged) decided.parts().get(i)).found();
        String before = found.isEmpty() ? "" : found.get(0).value() + ",";
        guards.add(
            Request.Guard.modified(
                keys.get(i),
                Request.Relation.EQUAL,
                found.isEmpty() ? 0 : found.get(0).modRevision()));
        writes.add(new Request.Put(keys.get(i), before + player.stage().value(), 0, false));
      }
      player.call(new Request.Txn(guards, writes, reads));
    }
    player.restAbout(50);
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 30.0);
  }
}
