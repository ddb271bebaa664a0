package io.leasehold.client;

import io.leasehold.client.internal.ClientCore;
import io.leasehold.client.internal.keepalive.DeadlineRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A client of a Leasehold cluster, or of etcd. One is enough for a process; it takes two threads
 * and up to four more for callbacks, however many leases it keeps.
 *
 * <p>Creating one connects to nobody yet. Closing it stops all renewals: what it kept alive is told
 * {@link LossReason#CLOSED}, and ends in the cluster when its TTL is over.
 */
public final class LeaseClient implements AutoCloseable {
  private final ClientCore core;

  private LeaseClient(ClientCore core) {
    this.core = core;
  }

  /** Begins a client that is to know the given members, as {@code host:port} or URL. */
  public static Builder builder(String... endpoints) {
    return new Builder().endpoints(List.of(endpoints));
  }

  /** Returns a client with default settings. */
  public static LeaseClient connect(String... endpoints) {
    return builder(endpoints).build();
  }

  /** Returns what grants, renews and ends leases. */
  public Leases leases() {
    return core.leases();
  }

  /** Returns what reads and changes keys. */
  public KeyValue keys() {
    return core.keys();
  }

  /** Returns what tells of changes of keys. */
  public Watch watches() {
    return core.watches();
  }

  /** Returns what tells of the cluster itself: members, leader, health, alarms. */
  public Cluster cluster() {
    return core.cluster();
  }

  /**
   * Opens a session whose lease, once lost, is not replaced: what hung on it is over. Waits for the
   * lease to be granted.
   *
   * @param ttl rounded up to seconds, and raised to the cluster's minimum
   * @throws LeaseholdException if no lease can be had
   */
  public Session openSession(Duration ttl) {
    return Session.open(core, ttl, OnLoss.STAY_LOST);
  }

  /**
   * Opens a session, and says what becomes of it when its lease is lost.
   *
   * @param ttl rounded up to seconds, and raised to the cluster's minimum
   * @throws LeaseholdException if no lease can be had
   */
  public Session openSession(Duration ttl, OnLoss onLoss) {
    return Session.open(core, ttl, onLoss);
  }

  /**
   * Stands for an election, again and again until the result is closed. Returns at once and never
   * fails: the listener is told of everything.
   *
   * @param name the election's name, the same for all candidates
   * @param value what others are told of this candidate when it leads
   * @param ttl how long it takes at most until another leads when this process is gone
   */
  public LeaderElection campaign(
      String name, String value, Duration ttl, ElectionListener listener) {
    return LeaderElection.start(core, name, Bytes.of(value), ttl, listener);
  }

  /**
   * Follows who leads an election, without standing for it. Waits until it is known who leads now.
   *
   * @throws LeaseholdException if that cannot be read
   */
  public LeaderView observe(String name, LeaderListener listener) {
    return LeaderView.start(core, name, listener);
  }

  /** Returns a registry of services whose keys begin with a prefix. Asks nobody yet. */
  public ServiceRegistry registry(String prefix) {
    return new ServiceRegistry(core, Bytes.of(prefix));
  }

  /** Returns what has happened so far. */
  public ClientStatistics statistics() {
    return core.statistics();
  }

  /** Ends all renewals, watches and waiting requests. Never fails; once is enough. */
  @Override
  public void close() {
    core.close();
  }

  /**
   * Collects the settings of a client. One thread.
   *
   * <p>Members know a client by its certificate, which {@link #tls} may carry, and by nothing else
   * so far: names and passwords of users come later. An etcd that asks for them refuses requests.
   */
  public static final class Builder {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** Clocks of hardware differ by less than a thousandth. */
    private static final double CLOCK_DRIFT = 0.01;

    private final List<String> addresses = new ArrayList<>();
    private @Nullable SSLContext tls;
    private boolean needsTls;
    private Duration requestTimeout = REQUEST_TIMEOUT;
    private Duration connectTimeout = CONNECT_TIMEOUT;
    private double clockDrift = CLOCK_DRIFT;
    private @Nullable Executor callbacks;

    private Builder() {}

    /** Names further members, as {@code host:port}, {@code http://...} or {@code https://...}. */
    public Builder endpoints(List<String> endpoints) {
      for (String endpoint : endpoints) {
        for (String one : endpoint.split(",", -1)) {
          addresses.add(address(one.strip()));
        }
      }
      return this;
    }

    private String address(String endpoint) {
      String address = endpoint;
      if (endpoint.startsWith("https://")) {
        needsTls = true;
        address = endpoint.substring("https://".length());
      } else if (endpoint.startsWith("http://")) {
        address = endpoint.substring("http://".length());
      }
      if (address.endsWith("/")) {
        address = address.substring(0, address.length() - 1);
      }
      int colon = address.lastIndexOf(':');
      boolean hasPort =
          colon > 0 && address.substring(colon + 1).chars().allMatch(Character::isDigit);
      if (!hasPort || colon == address.length() - 1 || address.contains("/")) {
        throw new IllegalArgumentException(
            "an endpoint is host:port, with http:// or https:// before it or not: " + endpoint);
      }
      return address;
    }

    /** Speaks TLS to all members, with the given keys and trust. */
    public Builder tls(SSLContext context) {
      tls = context;
      return this;
    }

    /** How long a request may take in all, over all members; 10 s unless told. */
    public Builder requestTimeout(Duration timeout) {
      requestTimeout = requirePositive("requestTimeout", timeout);
      return this;
    }

    /** How long connecting to one member may take; 2 s unless told. */
    public Builder connectTimeout(Duration timeout) {
      connectTimeout = requirePositive("connectTimeout", timeout);
      return this;
    }

    /**
     * By how much the clock of this machine may run slower than those of the members, as a share;
     * 0.01 unless told. Leases are believed in for so much less than their TTL.
     */
    public Builder clockDrift(double share) {
      clockDrift = share;
      return this;
    }

    /**
     * Where listeners run, and what depends on futures; four threads of the client unless told.
     * Those also run what the executor refuses, because it is full or was shut down: nothing is
     * missed. The client does not shut it down.
     */
    public Builder callbackExecutor(Executor executor) {
      callbacks = executor;
      return this;
    }

    private static Duration requirePositive(String what, Duration duration) {
      if (duration.isNegative() || duration.isZero()) {
        throw new IllegalArgumentException(what + " must be longer than nothing: " + duration);
      }
      return duration;
    }

    /**
     * Returns the client. Asks nobody yet.
     *
     * @throws IllegalArgumentException if no endpoint was named
     */
    public LeaseClient build() {
      if (addresses.isEmpty()) {
        throw new IllegalArgumentException("a client needs at least one endpoint");
      }
      return new LeaseClient(
          ClientCore.start(
              new ClientCore.Settings(
                  List.copyOf(addresses),
                  tls,
                  needsTls,
                  requestTimeout,
                  connectTimeout,
                  new DeadlineRule(clockDrift),
                  callbacks)));
    }
  }
}
