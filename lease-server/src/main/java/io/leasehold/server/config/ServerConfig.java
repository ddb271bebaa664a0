package io.leasehold.server.config;

import io.leasehold.core.lessor.TtlBounds;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A member's settings, checked: what is here can be used.
 *
 * @param listenClient where clients are served, at least one
 * @param advertiseClientUrls where clients are told to find this member
 * @param initialCluster peer addresses of all members by name, this one among them
 * @param isExisting the cluster has state already
 * @param quotaBytes size of the state on disk beyond which nothing is written; {@link
 *     Long#MAX_VALUE} for no limit
 * @param minTtl shortest and longest time to live
 * @param watchProgressMillis after which silence watchers that want it are told how far they are
 * @param listenMetrics where metrics and health are served; may be empty
 * @param revokeRatePerSecond 0 means no limit
 */
public record ServerConfig(
    String name,
    Path dataDirectory,
    List<HttpUrl> listenClient,
    List<HttpUrl> advertiseClientUrls,
    HttpUrl listenPeer,
    SortedMap<String, HttpUrl> initialCluster,
    boolean isExisting,
    String clusterToken,
    boolean isReplacement,
    int heartbeatMillis,
    int electionTimeoutMillis,
    int snapshotEntries,
    long quotaBytes,
    int requestBytesMax,
    int transactionOperationsMax,
    long checkpointIntervalMillis,
    long revokeRatePerSecond,
    TtlBounds minTtl,
    long watchProgressMillis,
    List<HttpUrl> listenMetrics,
    String logLevel,
    LogFormat logFormat) {

  public ServerConfig {
    listenClient = List.copyOf(listenClient);
    advertiseClientUrls = List.copyOf(advertiseClientUrls);
    listenMetrics = List.copyOf(listenMetrics);
    initialCluster = new TreeMap<>(initialCluster);
  }

  /** How log lines look. */
  public enum LogFormat {
    TEXT,
    JSON
  }

  /**
   * Reads the settings from command line, environment and the file that these name.
   *
   * @throws ConfigurationException with one line that names the option and the value
   */
  public static ServerConfig of(List<String> arguments, Map<String, String> environment)
      throws ConfigurationException {
    return new ConfigurationReader(Settings.of(arguments, environment)).read();
  }
}
