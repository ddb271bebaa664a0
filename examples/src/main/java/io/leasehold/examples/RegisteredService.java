package io.leasehold.examples;

import com.sun.net.httpserver.HttpServer;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.Registration;
import io.leasehold.client.ServiceInstance;
import io.leasehold.client.ServiceRegistry;
import io.leasehold.client.ServiceView;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A service that registers itself, finds the others of its kind, and calls them.
 *
 * <p>Stopped, it takes its registration back; killed, it is gone for all when its lease ends.
 */
public final class RegisteredService {
  private static final String SERVICE = "greeter";
  private static final Duration TTL = Duration.ofSeconds(5);
  private static final long PAUSE_SECONDS = 1;
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private RegisteredService() {}

  /** Runs until it is stopped. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    String name = Example.name(SERVICE);
    HttpServer server = serve("hello from " + name);
    String address =
        InetAddress.getLocalHost().getHostAddress() + ":" + server.getAddress().getPort();

    LeaseClient client = Example.connect();
    ServiceRegistry registry = client.registry("examples/services/");
    Registration registration = registry.register(new ServiceInstance(SERVICE, name, address), TTL);
    Example.onStop(
        () -> {
          registration.close();
          Example.say(name + " is gone");
          client.close();
        });
    Example.say(name + " is at " + address);

    ServiceView view = registry.discover(SERVICE, RegisteredService::tell);
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    var unused =
        clock.scheduleWithFixedDelay(
            () -> askOthers(view, name), PAUSE_SECONDS, PAUSE_SECONDS, TimeUnit.SECONDS);
    new CountDownLatch(1).await();
  }

  private static void askOthers(ServiceView view, String name) {
    for (ServiceInstance instance : view.instances()) {
      if (!instance.id().equals(name)) {
        Example.say("asked " + instance.id() + ": " + ask(instance.value()));
      }
    }
  }

  private static void tell(List<ServiceInstance> instances) {
    Example.say(
        "instances: "
            + instances.stream().map(ServiceInstance::id).collect(Collectors.joining(", ")));
  }

  private static HttpServer serve(String greeting) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress(0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] answer = greeting.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static String ask(String address) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + "/")).timeout(PATIENCE).build();
    try {
      return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (IOException e) {
      // It may have been killed: its registration outlives it by the rest of its lease.
      return "no answer";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "not waited for";
    }
  }
}
