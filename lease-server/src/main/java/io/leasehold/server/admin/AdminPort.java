package io.leasehold.server.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.leasehold.server.admin.HealthChecks.Check;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Metrics and health over plain HTTP: {@code /metrics}, {@code /livez}, {@code /readyz} (add {@code
 * ?verbose} for each check by name) and etcd's {@code /health}. Read only. Owns its threads.
 */
public final class AdminPort implements AutoCloseable {
  private static final int THREADS = 2;

  /** Requests waiting for a thread; more are dropped with their connections. */
  private static final int QUEUE_MAX = 64;

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String PROMETHEUS_TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String JSON = "application/json";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int METHOD_NOT_ALLOWED = 405;
  private static final int UNAVAILABLE = 503;

  private final PrometheusMeterRegistry registry;
  private final HealthChecks checks;
  private final List<HttpServer> servers = new ArrayList<>();
  private final ExecutorService threads;

  public AdminPort(PrometheusMeterRegistry registry, HealthChecks checks) {
    this.registry = registry;
    this.checks = checks;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(QUEUE_MAX),
            task -> {
              Thread thread = new Thread(task, "admin");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** Starts to listen on each of the addresses. */
  public void start(List<SocketAddress> addresses) throws IOException {
    for (SocketAddress address : addresses) {
      HttpServer server = HttpServer.create((InetSocketAddress) address, 0);
      server.setExecutor(threads);
      server.createContext("/", onlyGet(this::answer));
      server.start();
      servers.add(server);
    }
  }

  /** Returns the port of the first address, or -1 when there is none. */
  public int port() {
    return servers.isEmpty() ? -1 : servers.get(0).getAddress().getPort();
  }

  @Override
  public void close() {
    servers.forEach(server -> server.stop(0));
    threads.shutdownNow();
  }

  private static HttpHandler onlyGet(HttpHandler handler) {
    return exchange -> {
      try (exchange) {
        if (exchange.getRequestMethod().equals("GET")) {
          handler.handle(exchange);
        } else {
          send(exchange, METHOD_NOT_ALLOWED, TEXT, "only GET\n");
        }
      }
    };
  }

  private void answer(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getRawQuery();
    boolean isVerbose =
        query != null
            && List.of(query.split("&", -1)).stream()
                .anyMatch(part -> part.equals("verbose") || part.startsWith("verbose="));
    switch (exchange.getRequestURI().getPath()) {
      case "/metrics" -> send(exchange, OK, PROMETHEUS_TEXT, registry.scrape());
      case "/livez" -> sendChecks(exchange, checks.live(), isVerbose);
      case "/readyz" -> sendChecks(exchange, checks.ready(), isVerbose);
      case "/health" -> sendHealth(exchange, checks.healthy());
      default -> send(exchange, NOT_FOUND, TEXT, "see /metrics, /livez, /readyz, /health\n");
    }
  }

  private static void sendChecks(HttpExchange exchange, List<Check> checks, boolean isVerbose)
      throws IOException {
    boolean isPassed = checks.stream().allMatch(Check::isPassed);
    StringBuilder text = new StringBuilder();
    for (Check check : checks) {
      if (!check.isPassed()) {
        text.append("[-]").append(check.name()).append(" failed: ").append(check.problem());
        text.append('\n');
      } else if (isVerbose) {
        text.append("[+]").append(check.name()).append(" ok\n");
      }
    }
    text.append(isPassed ? "ok\n" : "not ok\n");
    send(exchange, isPassed ? OK : UNAVAILABLE, TEXT, text.toString());
  }

  /* As etcd says it, since probes match on the text. */
  private static void sendHealth(HttpExchange exchange, List<Check> checks) throws IOException {
    for (Check check : checks) {
      if (!check.isPassed()) {
        send(
            exchange,
            UNAVAILABLE,
            JSON,
            "{\"health\":\"false\",\"reason\":\"" + check.name() + "\"}");
        return;
      }
    }
    send(exchange, OK, JSON, "{\"health\":\"true\",\"reason\":\"\"}");
  }

  private static void send(HttpExchange exchange, int status, String contentType, String body)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", contentType);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }
}
