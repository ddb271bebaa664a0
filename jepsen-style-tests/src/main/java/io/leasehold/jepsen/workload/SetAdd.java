package io.leasehold.jepsen.workload;

import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.Request;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Elements are added to sets, and whole sets are read. */
final class SetAdd implements Workload {
  private static final int PLAYERS = 5;

  /** Reads tell of a whole set, so that one does not grow for ever. */
  private static final int ELEMENTS_OF_A_SET = 100;

  @Override
  public void begin(Stage stage) {
    AtomicLong elements = new AtomicLong();
    stage.playSeveral(PLAYERS, "adder", player -> turn(player, elements));
    stage.playOnEach("adder", player -> turn(player, elements));
  }

  private static void turn(Player player, AtomicLong elements) throws InterruptedException {
    if (player.chance(0.85)) {
      long element = elements.getAndIncrement();
      player.put(setOf(element) + element, 0);
    } else {
      KeyRange all = KeyRange.prefix(setOf(elements.get()));
      player.call(new Request.Range(all, 0, player.chance(0.2), 0, false, Request.Order.KEY));
    }
    player.restAbout(40);
  }

  private static String setOf(long element) {
    return "set/" + element / ELEMENTS_OF_A_SET + "/";
  }

  @Override
  public Map<String, Double> minimumsPerSecond() {
    return Map.of("ops ok", 30.0);
  }
}
