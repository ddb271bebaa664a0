package io.leasehold.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** What a member publishes of itself. */
public final class MetricsPage {
  private static final int MILLIS_MAX = 2000;

  private MetricsPage() {}

  /** Returns the value of a metric, named with its labels if it has any. */
  public static double value(MemberProcess member, String name) throws IOException {
    return value(text(member), name);
  }

  /** Returns the value of a metric on a page that was read before. */
  public static double value(String page, String name) throws IOException {
    return page.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1).strip()))
        .findFirst()
        .orElseThrow(() -> new IOException("no metric " + name));
  }

  /** Returns the whole page. */
  public static String text(MemberProcess member) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create("http://127.0.0.1:" + (member.clientPort() + 2) + "/metrics")
                .toURL()
                .openConnection();
    connection.setConnectTimeout(MILLIS_MAX);
    connection.setReadTimeout(MILLIS_MAX);
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
