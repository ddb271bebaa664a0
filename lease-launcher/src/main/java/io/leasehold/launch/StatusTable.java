package io.leasehold.launch;

import io.leasehold.api.etcdserverpb.StatusResponse;
import java.io.IOException;
import java.io.PrintStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints one line a member. */
final class StatusTable {
  private static final int HTTP_MILLIS_MAX = 1500;
  private static final int HTTP_OK = 200;
  private static final String LEASES_METRIC = "leasehold_leases ";
  private static final String ROW = "%-7s %-16s %-9s %6s %9s %9s %8s  %s%n";

  private StatusTable() {}

  /** Returns whether a leader was found. */
  static boolean print(Members members, PrintStream out) {
    out.printf(
        Locale.ROOT,
        ROW,
        "MEMBER",
        "ENDPOINT",
        "ROLE",
        "TERM",
        "APPLIED",
        "LEASES",
        "PID",
        "HEALTH");
    boolean isLed = false;
    for (MemberClient client : members.clients()) {
      Member member = client.member();
      if (!member.isRunning()) {
        row(out, member, "-", null, "-", "down");
        continue;
      }
      if (member.isFrozen()) {
        row(out, member, "-", null, "-", "frozen");
        continue;
      }
      StatusResponse status = client.status();
      boolean leads = status != null && Members.isLeader(status);
      isLed |= leads;
      String role = status == null ? "-" : leads ? "leader" : "follower";
      row(out, member, role, status, leases(member), status == null ? "no answer" : health(member));
    }
    return isLed;
  }

  private static void row(
      PrintStream out,
      Member member,
      String role,
      @Nullable StatusResponse status,
      String leases,
      String health) {
    out.printf(
        Locale.ROOT,
        ROW,
        member.name(),
        member.endpoint(),
        role,
        status == null ? "-" : status.getRaftTerm(),
        status == null ? "-" : status.getRaftAppliedIndex(),
        leases,
        member.isRunning() ? member.pid() : "-",
        health);
  }

  private static String leases(Member member) {
    Answer metrics = get(member, "/metrics");
    for (String line : metrics.body().lines().toList()) {
      if (line.startsWith(LEASES_METRIC)) {
        double value = Double.parseDouble(line.substring(LEASES_METRIC.length()).strip());
        return String.format(Locale.ROOT, "%.0f", value);
      }
    }
    return "-";
  }

  private static String health(Member member) {
    Answer ready = get(member, "/readyz?verbose");
    if (ready.code() == HTTP_OK) {
      return "ready";
    }
    List<String> failed =
        ready
            .body()
            .lines()
            .filter(line -> line.startsWith("[-]"))
            .map(l -> l.substring(3))
            .toList();
    return "not ready" + (failed.isEmpty() ? "" : ": " + String.join("; ", failed));
  }

  private record Answer(int code, String body) {}

  private static Answer get(Member member, String path) {
    try {
      var url = URI.create("http://127.0.0.1:" + member.metricsPort() + path).toURL();
      HttpURLConnection connection = (HttpURLConnection) url.openConnection();
      connection.setConnectTimeout(HTTP_MILLIS_MAX);
      connection.setReadTimeout(HTTP_MILLIS_MAX);
      int code = connection.getResponseCode();
      try (var in = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
        byte[] body = in == null ? new byte[0] : in.readAllBytes();
        return new Answer(code, new String(body, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      return new Answer(0, "");
    }
  }
}
