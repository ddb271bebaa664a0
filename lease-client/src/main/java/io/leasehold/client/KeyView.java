package io.leasehold.client;

import io.leasehold.client.Operation.Read;
import io.leasehold.client.OperationResult.Found;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.internal.ClientCore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All keys of a prefix, read once and then kept up to date by a watch. Anybody may ask; changes are
 * told on a callback thread, after they can be seen.
 */
final class KeyView implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeyView.class);

  private final ClientCore core;
  private final KeyRange range;
  private final Runnable changed;

  /** Never changed, only replaced. */
  private volatile NavigableMap<Bytes, KeyEntry> entries = new TreeMap<>();

  private final AtomicLong readAtRevision = new AtomicLong();
  private @Nullable Watcher watcher;

  private KeyView(ClientCore core, Bytes prefix, Runnable changed) {
    this.core = core;
    this.range = KeyRange.prefix(prefix);
    this.changed = changed;
  }

  /** Reads the keys, which must succeed, and follows them. */
  static KeyView start(ClientCore core, Bytes prefix, Runnable changed) {
    KeyView view = new KeyView(core, prefix, changed);
    long revision = view.readAll();
    view.watcher = core.watches().watch(view.range, revision + 1, view::heard);
    return view;
  }

  private long readAll() {
    Found found = core.keys().read(Read.of(range));
    NavigableMap<Bytes, KeyEntry> all = new TreeMap<>();
    found.entries().forEach(entry -> all.put(entry.key(), entry));
    readAtRevision.set(found.revision());
    entries = all;
    return found.revision();
  }

  /** One event at a time. */
  private void heard(WatchEvent event) {
    if (event instanceof Changed news) {
      NavigableMap<Bytes, KeyEntry> after = new TreeMap<>(entries);
      for (KeyChange change : news.changes()) {
        // What was read anew may be ahead of the watch.
        if (change.entry().modRevision() > readAtRevision.get()) {
          if (change.isDeletion()) {
            after.remove(change.entry().key());
          } else {
            after.put(change.entry().key(), change.entry());
          }
        }
      }
      entries = after;
      changed.run();
    } else if (event instanceof Compacted) {
      while (true) {
        try {
          long unused = readAll();
          break;
        } catch (UnavailableException e) {
          LOG.debug("keys cannot be read anew yet", e);
        }
      }
      changed.run();
    }
  }

  /** Returns the keys as they were last known, in order. */
  Map<Bytes, KeyEntry> entries() {
    return entries;
  }

  /** Returns the keys as they were last known, in order. */
  Collection<KeyEntry> list() {
    return new ArrayList<>(entries.values());
  }

  @Override
  public void close() {
    if (watcher != null) {
      watcher.close();
    }
  }
}
