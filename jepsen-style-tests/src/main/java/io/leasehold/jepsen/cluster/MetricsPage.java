package io.leasehold.jepsen.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The page of metrics that a member publishes. */
final class MetricsPage {
  private static final int MILLIS_MAX = 2000;

  private MetricsPage() {}

  static String read(Endpoint endpoint) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(endpoint.url() + "/metrics").toURL().openConnection();
    connection.setConnectTimeout(MILLIS_MAX);
    connection.setReadTimeout(MILLIS_MAX);
    try (InputStream in = connection.getInputStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
