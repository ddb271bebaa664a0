package io.leasehold.client;

import io.leasehold.client.Operation.Put;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A key that is there as long as this is open, and the cluster can be reached. */
public final class Registration implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

  private final Foundation core;
  private final Bytes key;
  private final Bytes value;
  private final Session session;
  private final Watcher watcher;
  private volatile long registeredLease;
  private volatile boolean isClosed;

  private Registration(
      Foundation core, Bytes key, Bytes value, Session session, long leaseId, long revision) {
    this.core = core;
    this.key = key;
    this.value = value;
    this.session = session;
    this.registeredLease = leaseId;
    this.watcher = core.watches().watch(KeyRange.of(key), revision + 1, this::heard, Runnable::run);
    session.addDirect(this::heard);
    if (session.leaseId() != leaseId) {
      // It was lost and replaced before anybody listened.
      write();
    }
  }

  static Registration start(Foundation core, Bytes key, Bytes value, Duration ttl) {
    Session session = Session.open(core, ttl, OnLoss.GRANT_ANEW);
    long leaseId = session.leaseId();
    try {
      long revision = core.keys().commit(write(key, value, leaseId)).revision();
      return new Registration(core, key, value, session, leaseId, revision);
    } catch (LeaseholdException e) {
      session.close();
      throw e;
    }
  }

  private static Txn write(Bytes key, Bytes value, long leaseId) {
    return Txn.when().then(new Put(key, value, leaseId)).repeatable();
  }

  /** Runs on the owner thread. */
  private void heard(LeaseEvent event) {
    if (event instanceof LeaseEvent.Granted) {
      write();
    }
  }

  /** Runs on the owner thread. */
  private void heard(WatchEvent event) {
    boolean mayBeGone =
        event instanceof Compacted
            || (event instanceof Changed changed
                && changed.changes().get(changed.changes().size() - 1).isDeletion());
    if (mayBeGone && session.state() != LeaseState.LOST) {
      registeredLease = 0;
      write();
    }
  }

  private void write() {
    if (isClosed) {
      return;
    }
    long leaseId = session.leaseId();
    var unused =
        core.keys()
            .committed(write(key, value, leaseId))
            .whenComplete(
                (result, failure) -> {
                  if (failure == null) {
                    registeredLease = leaseId;
                  } else if (session.state() != LeaseState.LOST || session.leaseId() != leaseId) {
                    LOG.debug("{} cannot be registered anew yet", key, failure);
                    var unusedRetry =
                        core.owner().executeAt(core.clock().nanoTime() + RETRY_NANOS, this::write);
                  }
                });
  }

  /** Returns whether the instance is registered, as certainly as can be said now. */
  public boolean isRegistered() {
    return registeredLease == session.leaseId() && session.state() != LeaseState.LOST;
  }

  /** Returns why the registration is not certain at the moment, or nothing if it is. */
  public Optional<LossReason> lossReason() {
    return session.lossReason();
  }

  /** Takes the registration back at once. */
  @Override
  public void close() {
    isClosed = true;
    watcher.close();
    session.close();
  }
}
