package io.leasehold.jepsen.report;

import io.leasehold.jepsen.check.Ruling;
import io.leasehold.jepsen.history.Result;
import java.util.List;

/** Colours on white that stay apart for eyes that tell few of them apart. */
final class Palette {
  static final String INK = "#1f2328";
  static final String MUTED = "#57606a";
  static final String GRID = "#e4e7eb";
  static final String PROOF = "#b3001b";
  static final String STALL = "#8c959f";
  static final String FOLLOWER = "#c5ced8";

  private static final List<String> SERIES =
      List.of(
          "#0b5fa5", "#d1660a", "#1a8a5a", "#a83d86", "#7a6a00", "#4a4e9e", "#9c3d2e", "#2f7f8a");

  private Palette() {}

  static String of(Result result) {
    return switch (result) {
      case OK -> "#2b7bba";
      case FAIL -> "#c956a3";
      case INFO -> "#e58a00";
    };
  }

  static String of(Ruling ruling) {
    return switch (ruling) {
      case OK -> "#1a7f4b";
      case VIOLATED -> PROOF;
      case UNKNOWN, INVALID -> "#9a5b00";
      case NOT_APPLICABLE -> MUTED;
    };
  }

  /** The colour of one line among several. */
  static String series(int place) {
    return SERIES.get(place % SERIES.size());
  }
}
