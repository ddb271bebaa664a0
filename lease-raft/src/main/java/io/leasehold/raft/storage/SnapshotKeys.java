package io.leasehold.raft.storage;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import io.leasehold.raft.storage.KeyCodec.Numbers;
import org.jspecify.annotations.Nullable;

/** The committed keys as of one moment. Any thread, one at a time. */
final class SnapshotKeys implements KeyReading {
  private final DatabaseSnapshot snapshot;
  private final StoredKeys stored;
  private final Numbers numbers;
  private final KeyView live;

  SnapshotKeys(DatabaseSnapshot snapshot) {
    this.snapshot = snapshot;
    this.stored = new StoredKeys(snapshot);
    try {
      this.numbers = stored.numbers();
      this.live = new LiveKeys(new RowsAsTheyAre(), numbers::ended);
    } catch (RuntimeException e) {
      snapshot.close();
      throw e;
    }
  }

  @Override
  public long revision() {
    return numbers.revision();
  }

  @Override
  public long compactedRevision() {
    return numbers.compactedRevision();
  }

  @Override
  public @Nullable KeyValue get(Bytes key, long revision) {
    return live.get(key, revision);
  }

  @Override
  public void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor) {
    live.forEach(range, revision, visitor);
  }

  @Override
  public long count(KeyRange range, long revision) {
    return live.count(range, revision);
  }

  @Override
  public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    live.forEachEvent(first, last, visitor);
  }

  @Override
  public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
    live.forEachAttached(leaseId, visitor);
  }

  @Override
  public HistoryHash hash(long revision) {
    VersionsHash hash = new VersionsHash(numbers.compactedRevision(), revision, numbers.ended());
    stored.forEachVersion(hash::add);
    return new HistoryHash(hash.value(), numbers.compactedRevision(), revision);
  }

  @Override
  public void close() {
    snapshot.close();
  }

  /** What the rows say. */
  private final class RowsAsTheyAre implements KeyView {
    @Override
    public long revision() {
      return numbers.revision();
    }

    @Override
    public long compactedRevision() {
      return numbers.compactedRevision();
    }

    @Override
    public @Nullable KeyValue get(Bytes key, long revision) {
      return revision >= numbers.revision() ? stored.current(key) : stored.at(key, revision);
    }

    @Override
    public void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor) {
      if (revision >= numbers.revision()) {
        stored.forEachCurrent(range, visitor);
      } else {
        stored.forEachAt(range, revision, visitor);
      }
    }

    @Override
    public long count(KeyRange range, long revision) {
      return revision >= numbers.revision()
          ? stored.countCurrent(range)
          : stored.countAt(range, revision);
    }

    @Override
    public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
      stored.forEachEvent(first, last, visitor);
    }

    @Override
    public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
      stored.forEachAttached(leaseId, visitor);
    }
  }
}
