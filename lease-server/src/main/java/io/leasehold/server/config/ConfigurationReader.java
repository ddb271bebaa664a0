package io.leasehold.server.config;

import io.leasehold.core.command.Command;
import io.leasehold.core.lessor.TtlBounds;
import io.leasehold.server.config.Settings.Setting;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes settings of raw values and refuses what cannot work. */
final class ConfigurationReader {
  private static final List<String> LOG_LEVELS = List.of("trace", "debug", "info", "warn", "error");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h)");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  /** An election must not begin because a heartbeat or two came late: etcd's relation. */
  private static final int HEARTBEATS_PER_ELECTION_TIMEOUT_MIN = 5;

  /** etcd's longest election timeout: beyond it nobody waits for a new leader. */
  private static final int ELECTION_TIMEOUT_MAX_MILLIS = 50_000;

  private static final int HEARTBEAT_MIN_MILLIS = 5;
  private static final long CHECKPOINT_INTERVAL_MIN_MILLIS = 100;

  /** etcd's: more often would be noise. */
  private static final long WATCH_PROGRESS_MIN_MILLIS = 100;

  private static final int REQUEST_BYTES_MIN = 1024;
  private static final int TXN_OPS_MAX = 1 << 20;

  /** What etcd takes a quota of 0 for. */
  private static final long QUOTA_DEFAULT_BYTES = 2L << 30;

  private static final long QUOTA_MAX_BYTES = 1L << 40;

  /**
   * The record of a request may take twice its size, and several have to fit into one message
   * between members.
   */
  private static final int REQUEST_BYTES_MAX = 16 * 1024 * 1024;

  private final Settings settings;

  ConfigurationReader(Settings settings) {
    this.settings = settings;
  }

  ServerConfig read() throws ConfigurationException {
    String name = name();
    HttpUrl listenPeer = onlyUrl(Option.LISTEN_PEER_URLS, setting(Option.LISTEN_PEER_URLS));
    HttpUrl advertisedPeer =
        onlyUrl(
            Option.INITIAL_ADVERTISE_PEER_URLS,
            setting(Option.INITIAL_ADVERTISE_PEER_URLS, listenPeer.toString()));
    Setting listenClient = setting(Option.LISTEN_CLIENT_URLS);
    List<HttpUrl> listenClientUrls = atLeastOne(listenClient);
    int heartbeatMillis =
        number(Option.HEARTBEAT_INTERVAL, HEARTBEAT_MIN_MILLIS, ELECTION_TIMEOUT_MAX_MILLIS);
    int electionTimeoutMillis = electionTimeout(heartbeatMillis);
    return new ServerConfig(
        name,
        dataDirectory(name),
        listenClientUrls,
        atLeastOne(setting(Option.ADVERTISE_CLIENT_URLS, listenClient.value())),
        listenPeer,
        initialCluster(name, advertisedPeer),
        oneOf(Option.INITIAL_CLUSTER_STATE, "new", "existing").equals("existing"),
        nonEmpty(setting(Option.INITIAL_CLUSTER_TOKEN)),
        oneOf(Option.REPLACE_MEMBER, "true", "false").equals("true"),
        heartbeatMillis,
        electionTimeoutMillis,
        number(Option.SNAPSHOT_COUNT, 10, 1_000_000_000),
        quotaBytes(),
        number(Option.MAX_REQUEST_BYTES, REQUEST_BYTES_MIN, REQUEST_BYTES_MAX),
        number(Option.MAX_TXN_OPS, 1, TXN_OPS_MAX),
        duration(Option.LEASE_CHECKPOINT_INTERVAL, CHECKPOINT_INTERVAL_MIN_MILLIS),
        number(Option.LEASE_REVOKE_RATE, 0, 1_000_000_000),
        ttlBounds(electionTimeoutMillis),
        duration(Option.WATCH_PROGRESS_NOTIFY_INTERVAL, WATCH_PROGRESS_MIN_MILLIS),
        HttpUrl.listOf(setting(Option.LISTEN_METRICS_URLS)),
        oneOf(Option.LOG_LEVEL, LOG_LEVELS.toArray(String[]::new)),
        ServerConfig.LogFormat.valueOf(
            oneOf(Option.LOG_FORMAT, "text", "json").toUpperCase(Locale.ROOT)));
  }

  private Setting setting(Option option) {
    return setting(option, option.defaultValue());
  }

  private Setting setting(Option option, String defaultValue) {
    Setting setting = settings.get(option);
    return setting == null ? new Setting(defaultValue, "--" + option.flag()) : setting;
  }

  private String name() throws ConfigurationException {
    Setting setting = setting(Option.NAME);
    if (!NAME.matcher(setting.value()).matches()) {
      throw wrong(
          setting, "not a name", "use up to 63 letters, digits, dots, dashes and underscores");
    }
    return setting.value();
  }

  private Path dataDirectory(String name) throws ConfigurationException {
    Setting setting = setting(Option.DATA_DIR, name + ".leasehold");
    nonEmpty(setting);
    try {
      return Path.of(setting.value());
    } catch (InvalidPathException e) {
      throw wrong(setting, "not a path", "name a directory");
    }
  }

  private SortedMap<String, HttpUrl> initialCluster(String name, HttpUrl advertisedPeer)
      throws ConfigurationException {
    Setting setting = setting(Option.INITIAL_CLUSTER, name + "=" + advertisedPeer);
    SortedMap<String, HttpUrl> members = new TreeMap<>();
    for (String part : setting.value().split(",", -1)) {
      int equals = part.indexOf('=');
      if (equals <= 0) {
        throw wrong(
            setting,
            part.isBlank() ? "has an empty entry" : part.strip() + " is not NAME=URL",
            "write NAME=http://HOST:PORT for each member");
      }
      String member = part.substring(0, equals).strip();
      if (!NAME.matcher(member).matches()) {
        throw wrong(setting, member + " is not a name", "use letters, digits, dots and dashes");
      }
      HttpUrl url = HttpUrl.of(part.substring(equals + 1).strip(), setting);
      if (members.put(member, url) != null) {
        throw wrong(setting, "two members are named " + member, "give each its own name");
      }
    }
    checkCluster(setting, members, name, advertisedPeer);
    return members;
  }

  private void checkCluster(
      Setting setting, Map<String, HttpUrl> members, String name, HttpUrl advertisedPeer)
      throws ConfigurationException {
    HttpUrl own = members.get(name);
    if (own == null) {
      throw wrong(
          setting,
          "does not name this member, " + name,
          "add " + name + "=" + advertisedPeer + ", or correct --name");
    }
    Map<HttpUrl, Long> uses =
        members.values().stream().collect(Collectors.groupingBy(url -> url, Collectors.counting()));
    for (Map.Entry<HttpUrl, Long> use : uses.entrySet()) {
      if (use.getValue() > 1) {
        throw wrong(setting, "two members have " + use.getKey(), "give each its own URL");
      }
      if (use.getKey().port() == 0) {
        throw wrong(setting, use.getKey() + " has port 0", "name the port others connect to");
      }
    }
    boolean isAdvertised = settings.get(Option.INITIAL_ADVERTISE_PEER_URLS) != null;
    if (isAdvertised && !own.equals(advertisedPeer)) {
      throw wrong(
          setting,
          name
              + " is at "
              + own
              + " here and at "
              + advertisedPeer
              + " in --"
              + Option.INITIAL_ADVERTISE_PEER_URLS.flag(),
          "make them the same");
    }
  }

  private int electionTimeout(int heartbeatMillis) throws ConfigurationException {
    int electionTimeoutMillis =
        number(Option.ELECTION_TIMEOUT, HEARTBEAT_MIN_MILLIS, ELECTION_TIMEOUT_MAX_MILLIS);
    if (electionTimeoutMillis < heartbeatMillis * HEARTBEATS_PER_ELECTION_TIMEOUT_MIN) {
      throw wrong(
          setting(Option.ELECTION_TIMEOUT),
          "less than "
              + HEARTBEATS_PER_ELECTION_TIMEOUT_MIN
              + " heartbeat intervals of "
              + heartbeatMillis
              + " ms",
          "raise it to "
              + heartbeatMillis * HEARTBEATS_PER_ELECTION_TIMEOUT_MIN
              + " or lower --"
              + Option.HEARTBEAT_INTERVAL.flag());
    }
    return electionTimeoutMillis;
  }

  private TtlBounds ttlBounds(int electionTimeoutMillis) throws ConfigurationException {
    TtlBounds shortest = TtlBounds.ofElectionTimeout(electionTimeoutMillis);
    Setting setting = settings.get(Option.MIN_LEASE_TTL);
    if (setting == null) {
      return shortest;
    }
    long minSeconds = shortest.minMillis() / 1000;
    return new TtlBounds(
        number(Option.MIN_LEASE_TTL, minSeconds, Command.TTL_MAX_MILLIS / 1000) * 1000);
  }

  private HttpUrl onlyUrl(Option option, Setting setting) throws ConfigurationException {
    List<HttpUrl> urls = HttpUrl.listOf(setting);
    if (urls.size() != 1) {
      throw wrong(setting, urls.size() + " URLs", "name one for --" + option.flag());
    }
    return urls.get(0);
  }

  private static List<HttpUrl> atLeastOne(Setting setting) throws ConfigurationException {
    List<HttpUrl> urls = HttpUrl.listOf(setting);
    if (urls.isEmpty()) {
      throw wrong(setting, "names no URL", "write http://HOST:PORT");
    }
    return urls;
  }

  private static String nonEmpty(Setting setting) throws ConfigurationException {
    if (setting.value().isBlank()) {
      throw wrong(setting, "is empty", "give it a value");
    }
    return setting.value();
  }

  private String oneOf(Option option, String... allowed) throws ConfigurationException {
    Setting setting = setting(option);
    if (!List.of(allowed).contains(setting.value())) {
      throw wrong(setting, "not one of " + String.join(", ", allowed), "choose one of them");
    }
    return setting.value();
  }

  private int number(Option option, int min, int max) throws ConfigurationException {
    return (int) number(option, (long) min, (long) max);
  }

  private long number(Option option, long min, long max) throws ConfigurationException {
    Setting setting = setting(option);
    long value;
    try {
      value = Long.parseLong(setting.value());
    } catch (NumberFormatException e) {
      throw wrong(setting, "not a whole number", "give one from " + min + " to " + max);
    }
    if (value < min || value > max) {
      throw wrong(setting, "out of range", "give a number from " + min + " to " + max);
    }
    return value;
  }

  private long quotaBytes() throws ConfigurationException {
    long bytes = number(Option.QUOTA_BACKEND_BYTES, -QUOTA_MAX_BYTES, QUOTA_MAX_BYTES);
    if (bytes < 0) {
      return Long.MAX_VALUE;
    }
    return bytes == 0 ? QUOTA_DEFAULT_BYTES : bytes;
  }

  private long duration(Option option, long minMillis) throws ConfigurationException {
    Setting setting = setting(option);
    Matcher matcher = DURATION.matcher(setting.value());
    if (!matcher.matches()) {
      throw wrong(setting, "not a duration", "write 500ms, 5s, 2m or 1h");
    }
    long unitMillis =
        switch (matcher.group(2)) {
          case "ms" -> 1;
          case "s" -> 1000;
          case "m" -> 60_000;
          default -> 3_600_000;
        };
    long millis = Long.parseLong(matcher.group(1)) * unitMillis;
    if (millis < minMillis || millis > Command.TTL_MAX_MILLIS) {
      throw wrong(setting, "out of range", "give at least " + minMillis + "ms");
    }
    return millis;
  }

  private static ConfigurationException wrong(Setting setting, String what, String advice) {
    return new ConfigurationException(
        setting.origin() + " " + setting.value() + ": " + what + "; " + advice);
  }
}
