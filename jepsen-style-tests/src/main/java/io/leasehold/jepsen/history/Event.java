package io.leasehold.jepsen.history;

import org.jspecify.annotations.Nullable;

/**
 * A change of one key, as a watcher is told of it.
 *
 * @param now what was put; of a key that was deleted only its name and the revision
 * @param before what it was, if the watcher asked and there was something
 */
public record Event(Type type, KeyValue now, @Nullable KeyValue before) {
  /** What happened to the key. */
  public enum Type {
    PUT,
    DELETE
  }

  public static Event put(KeyValue now) {
    return new Event(Type.PUT, now, null);
  }

  public static Event delete(String key, long revision) {
    return new Event(Type.DELETE, new KeyValue(key, "", 0, revision, 0, 0), null);
  }

  public String key() {
    return now.key();
  }

  public long revision() {
    return now.modRevision();
  }
}
