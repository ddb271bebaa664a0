package io.leasehold.server.fake;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.KeyView;
import org.jspecify.annotations.Nullable;

/** A reader's own copy of the keys. */
final class FakeKeyReading implements KeyReading {
  private final KeyView keys;

  FakeKeyReading(KeyView keys) {
    this.keys = keys;
  }

  @Override
  public long revision() {
    return keys.revision();
  }

  @Override
  public long compactedRevision() {
    return keys.compactedRevision();
  }

  @Override
  public @Nullable KeyValue get(Bytes key, long revision) {
    return keys.get(key, revision);
  }

  @Override
  public void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor) {
    keys.forEach(range, revision, visitor);
  }

  @Override
  public long count(KeyRange range, long revision) {
    return keys.count(range, revision);
  }

  @Override
  public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    keys.forEachEvent(first, last, visitor);
  }

  @Override
  public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
    keys.forEachAttached(leaseId, visitor);
  }

  @Override
  public HistoryHash hash(long revision) {
    int[] hash = {0};
    keys.forEach(
        KeyRange.prefix(Bytes.EMPTY),
        revision,
        keyValue -> {
          hash[0] = 31 * hash[0] + keyValue.hashCode();
          return true;
        });
    return new HistoryHash(hash[0], keys.compactedRevision(), revision);
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
