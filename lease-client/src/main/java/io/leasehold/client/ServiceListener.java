package io.leasehold.client;

import java.util.List;

/** Hears which instances a service has, as seen by {@link ServiceView}. */
@FunctionalInterface
public interface ServiceListener {
  /** Is told of all instances: at first, and whenever one has come, gone, or changed. */
  void on(List<ServiceInstance> instances);
}
