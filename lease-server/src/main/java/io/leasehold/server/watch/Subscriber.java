package io.leasehold.server.watch;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * One stream of a client with its watchers. Its methods leave word for the dispatcher and return at
 * once; any thread may call them. What the dispatcher keeps here is confined to its thread.
 */
public final class Subscriber {
  private final WatchHub hub;
  final WatchSink sink;
  final Map<Long, Watcher> watchers = new HashMap<>();

  /** Watchers that are behind and not being served, the one that waits longest first. */
  final Set<Watcher> blocked = new LinkedHashSet<>();

  /** Watchers that are behind and queued, or read for. */
  int served;

  /** The least revision with which a wait for progress may be answered. */
  long progressRevision;

  /** Some watcher waits for a later revision: before this one there is no answer. */
  long nextLookRevision;

  boolean isClosed;
  private long nextId;

  Subscriber(WatchHub hub, WatchSink sink) {
    this.hub = hub;
    this.sink = sink;
  }

  /**
   * Creates a watcher.
   *
   * @param watchId the ID the client chose, 0 for none
   */
  public void create(long watchId, WatchSpec spec) {
    hub.submit(() -> hub.create(this, watchId, spec));
  }

  /** Ends a watcher, if there is one of that ID. */
  public void cancel(long watchId) {
    hub.submit(() -> hub.cancel(this, watchId));
  }

  /** Asks to be told of progress once all watchers are synced. */
  public void requestProgress() {
    hub.submit(() -> hub.requestProgress(this));
  }

  /**
   * Tells of the progress of watchers that want that and have heard nothing since the last time.
   */
  public void progressDue() {
    hub.submit(() -> hub.progressDue(this));
  }

  /** The sink is ready again. */
  public void ready() {
    hub.submit(() -> hub.ready(this));
  }

  /** The stream has ended. */
  public void close() {
    hub.submit(() -> hub.close(this));
  }

  /** Returns the next ID that is free. */
  long freeId() {
    while (watchers.containsKey(nextId)) {
      nextId++;
    }
    return nextId++;
  }

  boolean isSynced() {
    return served == 0 && blocked.isEmpty();
  }
}
