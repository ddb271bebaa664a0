package io.leasehold.cli.output;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** One frame of {@code top} as text. */
public final class TopView {
  /** Rates of what a member did, in each second; nothing where they are not known. */
  public record Rates(
      OptionalDouble renewals, OptionalDouble grants, OptionalDouble ends, OptionalDouble keys) {
    public static Rates unknown() {
      return new Rates(
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty());
    }
  }

  /**
   * A member's line.
   *
   * @param lag log entries that it knows to be committed and has not applied, or that others know
   *     and it does not
   * @param problem why it does not answer, or what it complains of; empty if all is well
   */
  public record MemberLine(
      String endpoint,
      String role,
      long term,
      long index,
      long lag,
      long dbBytes,
      Rates rates,
      String problem) {}

  /** A lease's line. */
  public record LeaseLine(long id, Duration left, Duration ttl, int keys) {}

  /**
   * All that a frame shows.
   *
   * @param asked how many leases were asked how long they have left
   */
  public record Frame(
      long wallMillis, List<MemberLine> members, long leases, int asked, List<LeaseLine> soonest) {}

  private TopView() {}

  public static String text(Frame frame) {
    List<MemberLine> members = frame.members();
    long answering = members.stream().filter(one -> !one.role().equals("down")).count();
    String leader =
        members.stream()
            .filter(one -> one.role().equals("leader"))
            .map(MemberLine::endpoint)
            .findFirst()
            .orElse("none");
    StringBuilder out = new StringBuilder();
    out.append(Instant.ofEpochMilli(frame.wallMillis()).truncatedTo(ChronoUnit.SECONDS))
        .append(
            "  %d of %d members answer, leader %s\n\n"
                .formatted(answering, members.size(), leader));
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "MEMBER", "ROLE", "TERM", "INDEX", "LAG", "DB SIZE", "RENEW/S", "GRANT/S", "END/S",
            "KEYS/S", "PROBLEM"));
    members.forEach(one -> rows.add(row(one)));
    columns(out, rows);
    out.append("\n%d leases".formatted(frame.leases()));
    if (frame.asked() < frame.leases()) {
      out.append(", of which %d were asked".formatted(frame.asked()));
    }
    out.append(frame.soonest().isEmpty() ? "\n" : "; these end soonest\n\n");
    if (!frame.soonest().isEmpty()) {
      List<List<String>> leases = new ArrayList<>();
      leases.add(List.of("LEASE", "LEFT", "TTL", "KEYS"));
      for (LeaseLine one : frame.soonest()) {
        leases.add(
            List.of(
                GoText.leaseId(one.id()),
                one.left().toSeconds() + "s",
                one.ttl().toSeconds() + "s",
                Integer.toString(one.keys())));
      }
      columns(out, leases);
    }
    return out.toString();
  }

  private static List<String> row(MemberLine one) {
    if (one.role().equals("down")) {
      return List.of(one.endpoint(), "down", "-", "-", "-", "-", "-", "-", "-", "-", one.problem());
    }
    return List.of(
        one.endpoint(),
        one.role(),
        Long.toUnsignedString(one.term()),
        Long.toUnsignedString(one.index()),
        Long.toString(one.lag()),
        GoText.size(one.dbBytes()),
        rate(one.rates().renewals()),
        rate(one.rates().grants()),
        rate(one.rates().ends()),
        rate(one.rates().keys()),
        one.problem());
  }

  private static String rate(OptionalDouble rate) {
    return rate.isPresent() ? String.format(Locale.ROOT, "%.1f", rate.getAsDouble()) : "-";
  }

  /** Names to the left, numbers to the right, and what is last as it comes. */
  private static void columns(StringBuilder out, List<List<String>> rows) {
    int last = rows.get(0).size() - 1;
    int[] widths = new int[last + 1];
    for (List<String> row : rows) {
      for (int i = 0; i <= last; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i <= last; i++) {
        String gap = " ".repeat(widths[i] - row.get(i).length());
        boolean isName = i == 0 || (i == 1 && last > 3) || i == 10;
        line.append(isName ? row.get(i) + gap : gap + row.get(i)).append("  ");
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
  }
}
