package io.leasehold.client;

import java.util.List;

/** What a {@link WatchListener} is told. */
public sealed interface WatchEvent {
  /** Keys changed; all changes of a revision come together, and in order. */
  record Changed(List<KeyChange> changes) implements WatchEvent {
    public Changed {
      changes = List.copyOf(changes);
    }
  }

  /**
   * History was compacted away before it was told: changes from {@code lostFrom} on, and before
   * {@code continuesAt}, are missing. Read the keys anew; the watch goes on by itself.
   */
  record Compacted(long lostFrom, long continuesAt) implements WatchEvent {}

  /** The cluster refuses to go on, or the client was closed; the last event. */
  record Ended(String reason) implements WatchEvent {}
}
