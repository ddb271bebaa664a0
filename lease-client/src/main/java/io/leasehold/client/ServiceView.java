package io.leasehold.client;

import io.leasehold.client.internal.Foundation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The instances of a service, kept up to date. Answers from memory; when the cluster cannot be
 * reached it goes on with what it last knew.
 */
public final class ServiceView implements AutoCloseable {
  private final String service;
  private final Bytes prefix;
  private final ServiceListener listener;
  private final KeyView view;
  private @Nullable List<ServiceInstance> told;

  private ServiceView(Foundation core, String service, Bytes prefix, ServiceListener listener) {
    this.service = service;
    this.prefix = prefix;
    this.listener = listener;
    this.view = KeyView.start(core, prefix, this::changed);
  }

  static ServiceView start(
      Foundation core, String service, Bytes prefix, ServiceListener listener) {
    ServiceView view = new ServiceView(core, service, prefix, listener);
    core.callbacks().execute(view::changed);
    return view;
  }

  private synchronized void changed() {
    List<ServiceInstance> now = instances();
    if (!now.equals(told)) {
      told = now;
      listener.on(now);
    }
  }

  /** Returns the instances that were there when this process last heard of them, by ID. */
  public List<ServiceInstance> instances() {
    int begin = prefix.size();
    return view == null
        ? List.of()
        : view.list().stream()
            .map(
                entry ->
                    new ServiceInstance(
                        service, entry.key().from(begin).text(), entry.value().text()))
            .toList();
  }

  /** Follows no longer. */
  @Override
  public void close() {
    view.close();
  }
}
