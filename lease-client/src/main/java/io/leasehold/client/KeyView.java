package io.leasehold.client;

import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All keys of a prefix, read once and then kept up to date by a watch. Anybody may ask; changes are
 * told on a callback thread, after they can be seen.
 */
final class KeyView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyView.class);

  private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

  private final Foundation core;
  private final KeyRange range;
  private final Runnable changed;

  /** Never changed, only replaced. */
  private volatile NavigableMap<Bytes, KeyEntry> entries = new TreeMap<>();

  private boolean isClosed;

  /** Which watch is listened to: one that was given up may still be telling. */
  private int watchNumber;

  private @Nullable Watcher watcher;

  private KeyView(Foundation core, Bytes prefix, Runnable changed) {
    this.core = core;
    this.range = KeyRange.prefix(prefix);
    this.changed = changed;
  }

  /** Reads the keys, which must succeed, and follows them. */
  static KeyView start(Foundation core, Bytes prefix, Runnable changed) {
    KeyView view = new KeyView(core, prefix, changed);
    view.follow(core.keys().read(Read.of(view.range)));
    return view;
  }

  private synchronized void heard(int number, WatchEvent event) {
    if (number != watchNumber) {
      return;
    }
    if (event instanceof Changed news) {
      NavigableMap<Bytes, KeyEntry> after = new TreeMap<>(entries);
      for (KeyChange change : news.changes()) {
        if (change.isDeletion()) {
          after.remove(change.entry().key());
        } else {
          after.put(change.entry().key(), change.entry());
        }
      }
      entries = after;
      changed.run();
    } else if (event instanceof Compacted) {
      // What goes on there would be overtaken by what is read.
      watchNumber++;
      if (watcher != null) {
        watcher.close();
      }
      readAnew();
    }
  }

  private void readAnew() {
    var unused =
        core.keys()
            .readAsync(Read.of(range))
            .whenComplete(
                (found, failure) -> {
                  if (failure != null) {
                    LOG.debug("keys cannot be read anew yet", failure);
                    var unusedRetry =
                        core.owner()
                            .executeAt(core.clock().nanoTime() + RETRY_NANOS, this::readAnew);
                  } else {
                    follow(found);
                    changed.run();
                  }
                });
  }

  private synchronized void follow(Found found) {
    if (isClosed) {
      return;
    }
    NavigableMap<Bytes, KeyEntry> all = new TreeMap<>();
    found.entries().forEach(entry -> all.put(entry.key(), entry));
    entries = all;
    int number = ++watchNumber;
    watcher = core.watches().watch(range, found.revision() + 1, event -> heard(number, event));
  }

  /** Returns the keys as they were last known, in order. */
  Collection<KeyEntry> list() {
    return new ArrayList<>(entries.values());
  }

  @Override
  public synchronized void close() {
    isClosed = true;
    if (watcher != null) {
      watcher.close();
    }
  }
}
