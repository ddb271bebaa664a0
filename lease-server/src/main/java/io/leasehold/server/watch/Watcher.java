package io.leasehold.server.watch;

/** One watcher of a stream. Confined to the dispatcher thread, but for what is final. */
final class Watcher {
  /** Where a watcher is on its way through history. */
  enum State {
    /** It hears of changes as they come. */
    SYNCED,
    /** It is behind, and its turn has not come or its stream takes nothing. */
    BLOCKED,
    /** It is behind and queued to be served. */
    QUEUED,
    /** A reader collects what it has missed. */
    READING,
    /** It has ended. */
    GONE
  }

  final Subscriber subscriber;
  final long id;
  final WatchSpec spec;
  State state = State.BLOCKED;

  /** The next revision it is to hear of; while it is synced, the first one it was to hear of. */
  long nextRevision;

  /** What the sweep under way finds for it while it is synced. */
  Collector live;

  /** Nothing was sent to it since it was last looked whether its progress is to be told. */
  boolean isQuiet = true;

  Watcher(Subscriber subscriber, long id, WatchSpec spec, long nextRevision) {
    this.subscriber = subscriber;
    this.id = id;
    this.spec = spec;
    this.nextRevision = nextRevision;
    this.live = new Collector(this, nextRevision);
  }
}
