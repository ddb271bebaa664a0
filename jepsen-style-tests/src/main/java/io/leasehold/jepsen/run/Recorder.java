package io.leasehold.jepsen.run;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.HistoryWriter;
import io.leasehold.jepsen.history.Op;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes the history and counts what passes by. For any number of threads. */
final class Recorder implements Consumer<Entry>, AutoCloseable {
  private final HistoryWriter writer;
  private final AtomicReference<@Nullable IOException> failure = new AtomicReference<>();
  private final AtomicLong ok = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong leases = new AtomicLong();
  private final AtomicLong revision = new AtomicLong();
  private volatile boolean isClosed;

  Recorder(Path file) throws IOException {
    writer = new HistoryWriter(file);
  }

  @Override
  public void accept(Entry entry) {
    if (isClosed) {
      // A network's thread that comes too late; the history says nothing of it either way.
      return;
    }
    if (entry instanceof Op op) {
      count(op);
    }
    try {
      writer.append(entry);
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  private void count(Op op) {
    switch (op.result()) {
      case OK -> ok.incrementAndGet();
      case FAIL -> failed.incrementAndGet();
      case INFO -> unknown.incrementAndGet();
    }
    if (op.answer() instanceof Answer.Granted) {
      leases.incrementAndGet();
    }
    revision.accumulateAndGet(op.revision(), Math::max);
  }

  /** The highest revision that anybody was answered. */
  long revision() {
    return revision.get();
  }

  String counts() {
    return "ops %d ok, %d refused, %d unknown; leases %d"
        .formatted(ok.get(), failed.get(), unknown.get(), leases.get());
  }

  /** Throws if a line could not be written: then the history is of no use. */
  void verify() {
    IOException first = failure.get();
    if (first != null) {
      throw new UncheckedIOException("the history could not be written", first);
    }
  }

  @Override
  public void close() throws IOException {
    isClosed = true;
    writer.close();
  }
}
