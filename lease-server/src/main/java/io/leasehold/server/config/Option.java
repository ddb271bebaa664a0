package io.leasehold.server.config;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The table of settings: name on the command line and in the file, what the value looks like, its
 * default and what it is for. Help, documentation and error messages are made from it.
 */
public enum Option {
  NAME("name", "NAME", "default", "Name of this member, unique in the cluster."),
  DATA_DIR(
      "data-dir", "DIR", "NAME.leasehold", "Where this member keeps its log, state and identity."),
  LISTEN_CLIENT_URLS(
      "listen-client-urls",
      "URL,...",
      "http://localhost:2379",
      "Where clients are served. Port 0 takes any free port."),
  ADVERTISE_CLIENT_URLS(
      "advertise-client-urls",
      "URL,...",
      "as listen-client-urls",
      "Where clients are told to find this member."),
  LISTEN_PEER_URLS(
      "listen-peer-urls", "URL", "http://localhost:2380", "Where other members are served."),
  INITIAL_ADVERTISE_PEER_URLS(
      "initial-advertise-peer-urls",
      "URL",
      "as listen-peer-urls",
      "Where other members find this one; its entry in initial-cluster says the same."),
  INITIAL_CLUSTER(
      "initial-cluster",
      "NAME=URL,...",
      "NAME=PEER_URL",
      "All members of the cluster with their peer URLs, this one among them."),
  INITIAL_CLUSTER_STATE(
      "initial-cluster-state",
      "new|existing",
      "new",
      "existing: this member joins a cluster that has state already."),
  INITIAL_CLUSTER_TOKEN(
      "initial-cluster-token",
      "TOKEN",
      "leasehold",
      "Tells clusters apart; the same on all members of one."),
  REPLACE_MEMBER(
      "replace-member",
      "true|false",
      "false",
      "This member takes the place of one of the same name whose data is gone for good."),
  HEARTBEAT_INTERVAL(
      "heartbeat-interval", "MS", "100", "Milliseconds between heartbeats of the leader."),
  ELECTION_TIMEOUT(
      "election-timeout",
      "MS",
      "1000",
      "Milliseconds without a heartbeat after which an election begins."),
  SNAPSHOT_COUNT("snapshot-count", "N", "100000", "Log entries after which a snapshot is taken."),
  QUOTA_BACKEND_BYTES(
      "quota-backend-bytes",
      "BYTES",
      "2147483648",
      "Size of the state on disk above which nothing more is written; 0 means 2 GiB, a negative"
          + " number no limit."),
  MAX_REQUEST_BYTES(
      "max-request-bytes", "BYTES", "1572864", "The largest request a client may send."),
  MAX_TXN_OPS(
      "max-txn-ops", "N", "128", "The most operations that one list of a transaction may hold."),
  LEASE_CHECKPOINT_INTERVAL(
      "lease-checkpoint-interval",
      "DURATION",
      "60s",
      "How long a lease goes unrenewed before its remaining time is recorded, and how often lease"
          + " time is while there are such leases."),
  LEASE_REVOKE_RATE(
      "lease-revoke-rate",
      "N",
      "0",
      "Most leases to end by expiry in a second; 0 means as many as there are."),
  MIN_LEASE_TTL(
      "min-lease-ttl",
      "SECONDS",
      "1.5 election timeouts",
      "Shortest time to live that is granted; shorter requests are raised to it."),
  WATCH_PROGRESS_NOTIFY_INTERVAL(
      "watch-progress-notify-interval",
      "DURATION",
      "10m",
      "How long a watcher that asked for it hears nothing before it is told how far it is."),
  LISTEN_METRICS_URLS(
      "listen-metrics-urls",
      "URL,...",
      "http://localhost:2381",
      "Where metrics and health are served; empty for nowhere."),
  LOG_LEVEL("log-level", "LEVEL", "info", "trace, debug, info, warn or error."),
  LOG_FORMAT("log-format", "text|json", "text", "Lines for people, or one JSON object a line."),
  CONFIG_FILE(
      "config-file",
      "FILE",
      "",
      "YAML file with the same settings; flags and environment win over it.");

  static final String ENVIRONMENT_PREFIX = "LEASEHOLD_";

  private final String flag;
  private final String valueName;
  private final String defaultValue;
  private final String purpose;

  Option(String flag, String valueName, String defaultValue, String purpose) {
    this.flag = flag;
    this.valueName = valueName;
    this.defaultValue = defaultValue;
    this.purpose = purpose;
  }

  /** Returns the name without dashes in front. */
  public String flag() {
    return flag;
  }

  public String valueName() {
    return valueName;
  }

  /** Returns the default, or what it is made from. */
  public String defaultValue() {
    return defaultValue;
  }

  public String purpose() {
    return purpose;
  }

  /** Returns the name of the environment variable. */
  public String environment() {
    return ENVIRONMENT_PREFIX + flag.replace('-', '_').toUpperCase(Locale.ROOT);
  }

  static @Nullable Option ofFlag(String flag) {
    for (Option option : values()) {
      if (option.flag.equals(flag)) {
        return option;
      }
    }
    return null;
  }

  /** Returns the option whose name looks most like the one given, when one does. */
  static @Nullable Option nearest(String flag) {
    Option nearest = null;
    int smallest = Math.max(2, flag.length() / 3) + 1;
    for (Option option : values()) {
      int distance = editDistance(flag, option.flag);
      if (distance < smallest) {
        smallest = distance;
        nearest = option;
      }
    }
    return nearest;
  }

  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
