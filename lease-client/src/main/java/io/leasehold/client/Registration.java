package io.leasehold.client;

import io.leasehold.client.Operation.Put;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.WatchEvent.Compacted;
import io.leasehold.client.internal.Foundation;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A key that is there as long as this is open, and the cluster can be reached.
 *
 * <p>It is written again when it is gone. When somebody else writes it, such as another instance
 * under the same ID, it is theirs, since two that take it from each other would never end: this is
 * not registered then, until the key is gone.
 */
public final class Registration implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  private static final long RETRY_NANOS = Duration.ofMillis(500).toNanos();

  private final Foundation core;
  private final Bytes key;
  private final Bytes value;
  private final Session session;
  private final Watcher watcher;

  /** The lease under which the key is known to be there; 0 for none. */
  private volatile long registeredLease;

  /** Of the newest write of the key that is known here. Guarded by this. */
  private long knownRevision;

  private volatile boolean isClosed;

  private Registration(
      Foundation core, Bytes key, Bytes value, Session session, long leaseId, long revision) {
    this.core = core;
    this.key = key;
    this.value = value;
    this.session = session;
    this.registeredLease = leaseId;
    this.knownRevision = revision;
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
    if (event instanceof Changed changed) {
      KeyChange last = changed.changes().get(changed.changes().size() - 1);
      if (last.isDeletion()) {
        gone();
      } else if (last.entry().leaseId() != session.leaseId()) {
        // An older lease of this session wrote before what is known, somebody else after it.
        known(0, last.entry().modRevision());
      }
    } else if (event instanceof Compacted) {
      gone();
    }
  }

  private void gone() {
    if (session.state() != LeaseState.LOST) {
      registeredLease = 0;
      write();
    }
  }

  private synchronized void known(long leaseId, long revision) {
    if (revision > knownRevision) {
      knownRevision = revision;
      registeredLease = leaseId;
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
                    known(leaseId, result.revision());
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
