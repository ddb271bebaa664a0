package io.leasehold.jepsen.report;

import java.util.Locale;

/** Faults that look alike from outside share a colour. */
enum FaultFamily {
  GONE("a member is killed, stopped or restarted", "#d62728"),
  FROZEN("a member is paused", "#8250df"),
  CUT("members cannot reach each other", "#c98a00"),
  HANDED_OVER("leadership is handed over", "#2e8540"),
  DAMAGED("a disk fails or is slow, or what was stored is damaged or lost", "#0f7c8a"),
  WRONG_TIME("a clock is wrong", "#b5338a"),
  HINDERED("what members send gets lost, or comes slowly or late", "#8a6d3b"),
  OTHER("another fault", "#6e7781");

  private final String words;
  private final String colour;

  FaultFamily(String words, String colour) {
    this.words = words;
    this.colour = colour;
  }

  /** By the name that the nemesis gave; one that is not known is another fault. */
  static FaultFamily of(String kind) {
    String name = kind.toUpperCase(Locale.ROOT);
    if (name.contains("KILL") || name.contains("STOP") || name.contains("RESTART")) {
      return GONE;
    } else if (name.contains("CLOCK")) {
      return WRONG_TIME;
    } else if (name.contains("LINKS")) {
      return HINDERED;
    } else if (name.contains("PAUSE")) {
      return FROZEN;
    } else if (name.contains("PARTITION") || name.contains("CUT_OFF")) {
      return CUT;
    } else if (name.contains("TRANSFER")) {
      return HANDED_OVER;
    } else if (name.contains("DISK")
        || name.contains("POWER")
        || name.contains("FLIP")
        || name.contains("WIPE")) {
      return DAMAGED;
    }
    return OTHER;
  }

  String words() {
    return words;
  }

  String colour() {
    return colour;
  }
}
