package io.leasehold.server.watch;

import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.HistoryHash;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Fails whenever something is read. */
record BrokenReading(Supplier<Throwable> failure) implements KeyReading {

  private RuntimeException fail() {
    Throwable why = failure.get();
    if (why instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) why;
  }

  @Override
  public long revision() {
    throw fail();
  }

  @Override
  public long compactedRevision() {
    throw fail();
  }

  @Override
  public @Nullable KeyValue get(Bytes key, long revision) {
    throw fail();
  }

  @Override
  public void forEach(KeyRange range, long revision, Visitor<KeyValue> visitor) {
    throw fail();
  }

  @Override
  public long count(KeyRange range, long revision) {
    throw fail();
  }

  @Override
  public void forEachEvent(long first, long last, Visitor<KeyEvent> visitor) {
    throw fail();
  }

  @Override
  public void forEachAttached(long leaseId, Visitor<Bytes> visitor) {
    throw fail();
  }

  @Override
  public HistoryHash hash(long revision) {
    throw fail();
  }

  @Override
  public void close() {}
}
