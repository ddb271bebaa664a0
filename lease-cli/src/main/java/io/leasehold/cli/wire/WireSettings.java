package io.leasehold.cli.wire;

import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * How members are reached.
 *
 * @param endpoints as the user named them: {@code host:port} or URLs
 * @param tls keys and trust, or nothing for plain text
 * @param dialTimeout how long connecting to one member may take
 * @param commandTimeout how long a request may take in all
 */
public record WireSettings(
    List<String> endpoints,
    @Nullable SSLContext tls,
    Duration dialTimeout,
    Duration commandTimeout) {
  public WireSettings {
    endpoints = List.copyOf(endpoints);
  }
}
