package io.leasehold.client;

import io.leasehold.client.internal.Foundation;
import java.time.Duration;

/** Services that register themselves, and are found by others, under keys of a common prefix. */
public final class ServiceRegistry {
  private final Foundation core;
  private final Bytes prefix;

  ServiceRegistry(Foundation core, Bytes prefix) {
    this.core = core;
    this.prefix = prefix;
  }

  private Bytes prefixOf(String service) {
    if (service.isEmpty() || service.contains("/")) {
      throw new IllegalArgumentException("a service's name has no slash: \"" + service + "\"");
    }
    return prefix.plus(Bytes.of(service + "/"));
  }

  /**
   * Registers an instance until the result is closed, or this process has been gone for a TTL. When
   * the registration is lost, because the cluster could not be reached or somebody deleted it, it
   * is made anew. Waits until it is made for the first time.
   *
   * @param ttl rounded up to seconds, and raised to the cluster's minimum
   * @throws IllegalArgumentException if the service's name is empty or has a slash
   * @throws LeaseholdException if it cannot be made for the first time
   */
  public Registration register(ServiceInstance instance, Duration ttl) {
    Bytes key = prefixOf(instance.service()).plus(Bytes.of(instance.id()));
    return Registration.start(core, key, Bytes.of(instance.value()), ttl);
  }

  /**
   * Finds the instances of a service, and follows them until the result is closed. Waits until they
   * are found.
   *
   * @throws IllegalArgumentException if the service's name is empty or has a slash
   * @throws LeaseholdException if they cannot be read
   */
  public ServiceView discover(String service, ServiceListener listener) {
    return ServiceView.start(core, service, prefixOf(service), listener);
  }
}
