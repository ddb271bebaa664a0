package io.leasehold.bench.report;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Under what conditions something was measured.
 *
 * @param at when it was over
 * @param target what program it was, or where
 * @param version as it says itself
 * @param members how many
 * @param jdk the version of theirs; empty when they have none, or nobody knows
 * @param start what the members had done before
 * @param round which repetition it was, from 1 on
 */
public record Conditions(
    Instant at, String target, String version, int members, String jdk, Start start, int round) {

  /** What members had done before. */
  public enum Start {
    /** They had just started: what they run is yet to be compiled. */
    COLD,
    /** They had worked on other scenarios. */
    WARM,
    /** They are somebody else's. */
    UNKNOWN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Returns them as the fields with which a result begins. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("at", at.truncatedTo(ChronoUnit.SECONDS).toString());
    fields.put("target", target);
    fields.put("version", version);
    fields.put("members", members);
    if (!jdk.isEmpty()) {
      fields.put("jdk", jdk);
    }
    fields.put("start", start.toString());
    fields.put("processors", Runtime.getRuntime().availableProcessors());
    fields.put("round", round);
    return fields;
  }

  /** Returns in a few words what else than the load a result depends on. */
  String inWords() {
    StringJoiner words = new StringJoiner(", ");
    words.add(members == 1 ? "1 member" : members + " members");
    if (!jdk.isEmpty()) {
      words.add("JDK " + jdk);
    }
    if (start != Start.UNKNOWN) {
      words.add(start.toString());
    }
    return words.toString();
  }
}
