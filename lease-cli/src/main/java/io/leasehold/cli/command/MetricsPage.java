package io.leasehold.cli.command;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;

/** A member's metrics page, as far as rates are counted from it. */
record MetricsPage(String text) {
  private static final int PAGE_BYTES_MAX = 4 << 20;

  /** Fetches a member's page; nothing if there is none to be had. */
  static Optional<MetricsPage> fetch(String address, Duration most) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection) URI.create("http://" + address + "/metrics").toURL().openConnection();
      connection.setConnectTimeout((int) most.toMillis());
      connection.setReadTimeout((int) most.toMillis());
      try (InputStream in = connection.getInputStream()) {
        return Optional.of(
            new MetricsPage(new String(in.readNBytes(PAGE_BYTES_MAX), StandardCharsets.UTF_8)));
      }
    } catch (IOException | IllegalArgumentException e) {
      // Not every member has one, and not everybody may read it.
      return Optional.empty();
    }
  }

  /** Returns the sum of a counter over all its labels; nothing if there is no such. */
  OptionalDouble sum(String counter) {
    double sum = 0;
    boolean isThere = false;
    for (String line : text.split("\n", -1)) {
      if (line.startsWith(counter)
          && line.length() > counter.length()
          && (line.charAt(counter.length()) == '{' || line.charAt(counter.length()) == ' ')) {
        isThere = true;
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return isThere ? OptionalDouble.of(sum) : OptionalDouble.empty();
  }
}
