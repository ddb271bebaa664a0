package io.leasehold.server.recipe;

import io.grpc.Status;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyView;
import io.leasehold.core.key.Txn;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * What locks and elections need of the key space. Any thread; nothing blocks. Futures complete on
 * any thread, when they fail with a {@link io.grpc.StatusRuntimeException} that says what a client
 * is told.
 */
public interface KeyAccess {
  /** Runs a transaction and answers once this member has applied it. */
  CompletableFuture<Outcome.Transacted> transact(Txn txn);

  /** Reads from a view that has everything that was committed before the call. */
  <T> CompletableFuture<T> read(Function<KeyView, T> reading);

  /** Grants a lease of an ID the cluster chooses, and answers its ID. */
  CompletableFuture<Long> grant(long ttlSeconds);

  /**
   * Tells of each revision from {@code firstRevision} on that changes a key of the ranges, of each
   * range by itself.
   *
   * @return to be closed when no more is wanted; one more call may come even so
   */
  Watching watch(List<KeyRange> ranges, long firstRevision, Watcher watcher);

  /** Hears of changes, one revision at a time, in order. Must not block. */
  interface Watcher {
    void changed(long revision, List<KeyEvent> events);

    /**
     * No more will be heard.
     *
     * @param why OUT_OF_RANGE when history was compacted away, and it is worth while to read and
     *     watch anew; with any other code it is not
     */
    void ended(Status why);
  }

  /** A watch under way. */
  interface Watching extends AutoCloseable {
    @Override
    void close();
  }
}
