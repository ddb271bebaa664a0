package io.leasehold.jepsen.report;

import java.util.Map;

/** What the judged properties say, for those who do not know their numbers. */
final class Properties {
  private static final Map<String, String> WORDS =
      Map.ofEntries(
          Map.entry("P1", "no lease ends before its TTL is over"),
          Map.entry("P2", "a lease that was seen gone never lives again"),
          Map.entry("P3a", "fencing tokens keep former holders out"),
          Map.entry("P3b", "no two clients believe that they hold one lock"),
          Map.entry("P4", "all keys of a lease go with it, in one revision"),
          Map.entry("P5", "what was acknowledged is kept"),
          Map.entry("P6", "reported TTLs are true"),
          Map.entry("P8", "watches tell all that happened, in order, once"),
          Map.entry("P9", "keys and transactions are strictly serializable"),
          Map.entry("P10", "a term has one leader, and the same entries make the same state"),
          Map.entry("L1", "a lease that nobody renews ends in time"),
          Map.entry("L2", "a change of leader does not start TTLs anew"),
          Map.entry("L3", "a client that renews in time keeps its lease"),
          Map.entry("L4", "all works again after the last fault"),
          Map.entry("L5", "no member is alive and does nothing"),
          Map.entry("LOG", "members write nothing that must not be in their logs"),
          Map.entry("END", "no member ends by itself without a reason"),
          Map.entry("WGL", "single keys are linearizable, searched without revisions"));

  private Properties() {}

  /** Empty for a property that is not known here. */
  static String words(String property) {
    return WORDS.getOrDefault(property, "");
  }

  static String title(String property) {
    String words = words(property);
    return words.isEmpty() ? property : property + " (" + words + ")";
  }
}
