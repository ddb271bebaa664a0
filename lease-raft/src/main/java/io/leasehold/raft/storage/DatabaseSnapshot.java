package io.leasehold.raft.storage;

import io.leasehold.core.state.StateStoreException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.Snapshot;

/**
 * The database as of one moment, until it is closed or the database is.
 *
 * <p>Opened, read and closed by any thread, one at a time; {@link Database} alone closes it under
 * its reader's hands.
 */
final class DatabaseSnapshot implements Reads, AutoCloseable {
  private final Database database;
  private final Snapshot snapshot;

  /** Null when this is closed. Set within the database's lock. */
  private volatile @Nullable ReadOptions moment;

  DatabaseSnapshot(Database database, RocksDB db) {
    this.database = database;
    this.snapshot = db.getSnapshot();
    this.moment = new ReadOptions().setSnapshot(snapshot);
  }

  @Override
  public <T> @Nullable T find(Finding<T> finding) {
    return database.ask(
        "cannot read the state",
        db -> {
          ReadOptions current = moment;
          if (current == null) {
            throw new StateStoreException(
                database + ": this reading of the state is over: the state was closed or replaced");
          }
          return finding.of(db, current);
        });
  }

  /** Called by the database only, with the lock that keeps it open. */
  void release(RocksDB db) {
    ReadOptions current = moment;
    if (current != null) {
      moment = null;
      current.close();
      db.releaseSnapshot(snapshot);
      snapshot.close();
    }
  }

  @Override
  public void close() {
    database.release(this);
  }
}
