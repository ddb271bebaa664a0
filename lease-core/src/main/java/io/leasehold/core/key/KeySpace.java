package io.leasehold.core.key;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * The rules by which keys change. Owns no state of its own: everything is in the {@link KeyStore}.
 *
 * <p>Confined to the apply thread. A command is checked and worked out in memory first, and written
 * in one go when nothing can be refused any more, so that a refused one leaves no trace.
 */
public final class KeySpace {
  /**
   * Keys of a lease that its end deletes one by one. More are deleted without naming them: each
   * takes some microseconds on the apply thread, and everybody else waits for that. Part of what
   * members agree upon: the hash of the key space tells which way was taken.
   */
  public static final int DELETED_ONE_BY_ONE_MAX = 256;

  private final KeyStore store;
  private final LongPredicate leaseExists;
  private final LongConsumer leaseGotKey;
  private final KeyListener listener;
  private final int deletedOneByOneMax;
  private final EntryBudget budget = new EntryBudget();

  /** What deleting the keys of leases took in this entry: it is bounded by nothing. */
  private long bytesTakenByEnds;

  /**
   * @param leaseExists tells whether a lease is alive, as of the command being applied
   */
  public KeySpace(KeyStore store, LongPredicate leaseExists, KeyListener listener) {
    this(store, leaseExists, leaseId -> {}, listener, DELETED_ONE_BY_ONE_MAX);
  }

  /**
   * As the other constructor.
   *
   * @param leaseGotKey told of a lease whenever a key is attached to it
   * @param deletedOneByOneMax the same on all members, see {@link #DELETED_ONE_BY_ONE_MAX}
   */
  public KeySpace(
      KeyStore store,
      LongPredicate leaseExists,
      LongConsumer leaseGotKey,
      KeyListener listener,
      int deletedOneByOneMax) {
    this.store = store;
    this.leaseExists = leaseExists;
    this.leaseGotKey = leaseGotKey;
    this.listener = listener;
    this.deletedOneByOneMax = deletedOneByOneMax;
  }

  /**
   * Answers a transaction that only reads. Any thread that has a view to itself.
   *
   * @param txn one that {@link Txn#isReadOnly}
   * @param budget has to have room for the answer
   */
  public static TxnAnswer read(RangeView view, Txn txn, AnswerBudget budget) {
    if (!txn.isReadOnly()) {
      throw new IllegalArgumentException("a transaction that writes must go through the log");
    }
    return new TxnRun(view, KeySpace::hasNoLeases, budget).run(txn);
  }

  /** What does not write names no lease that would have to exist. */
  private static boolean hasNoLeases(long leaseId) {
    return false;
  }

  /** Returns the newest revision. */
  public long revision() {
    return store.pending().revision();
  }

  /** Returns the hash of everything that was ever written. */
  public long hash() {
    return store.keysHash();
  }

  /** Begins with the commands of another log entry, which share a bound on the memory they need. */
  public void entryBegins() {
    budget.startOver();
    bytesTakenByEnds = 0;
  }

  /** Returns the bytes that keys of this entry have taken in memory so far, roughly. */
  public long bytesTaken() {
    return budget.spent() + bytesTakenByEnds;
  }

  /** Runs a transaction: at one new revision if it changes a key, else at none. */
  public TxnAnswer transact(Txn txn) {
    long takenBefore = budget.spent();
    TxnRun run = new TxnRun(store.pending(), leaseExists, budget);
    TxnAnswer answer = run.run(txn);
    if (answer instanceof TxnAnswer.Refused refused) {
      budget.revert(takenBefore);
      return refused.why() == KeyRefusal.TOO_LARGE && takenBefore > 0
          ? new TxnAnswer.Refused(KeyRefusal.TOO_MUCH_AT_ONCE)
          : answer;
    }
    write(run.changes());
    return answer;
  }

  private void write(TxnChanges changes) {
    List<KeyEvent> events = changes.events();
    if (events.isEmpty()) {
      return;
    }
    store.write(changes.ownRevision(), events);
    changes.forEachChange(this::attach);
    tell(changes.ownRevision(), events);
  }

  private void attach(Bytes key, TxnChanges.Change change) {
    if (change.leaseBefore() == change.leaseNow()) {
      return;
    }
    if (change.leaseBefore() != 0) {
      store.detach(change.leaseBefore(), key);
    }
    if (change.leaseNow() != 0) {
      store.attach(change.leaseNow(), key);
      leaseGotKey.accept(change.leaseNow());
    }
  }

  /**
   * Deletes the keys that are attached to a lease which ends: in order of keys, at one new
   * revision, or at none when there are no keys (rule S7). Reads no key but its name, and of many
   * not even that.
   */
  public void leaseEnded(long leaseId) {
    KeyView now = store.pending();
    long revision = now.revision() + 1;
    List<KeyEvent> events = new ArrayList<>();
    now.forEachAttached(
        leaseId,
        key -> {
          bytesTakenByEnds += AnswerBudget.KEY_OVERHEAD_BYTES + key.length();
          events.add(new KeyEvent.Deleted(key, revision));
          return events.size() <= deletedOneByOneMax;
        });
    if (events.isEmpty()) {
      return;
    }
    if (events.size() > deletedOneByOneMax) {
      store.deleteAttached(revision, leaseId);
      store.putKeysHash(KeyHash.deletedAttached(store.keysHash(), revision, leaseId));
      listener.deletedAttached(revision, leaseId);
      return;
    }
    store.write(revision, events);
    store.detachAll(leaseId);
    tell(revision, events);
  }

  /**
   * Lets go of history before a revision.
   *
   * @return null when that was done, else why not
   */
  public @Nullable KeyRefusal compact(long revision) {
    KeyView now = store.pending();
    if (revision <= now.compactedRevision()) {
      return KeyRefusal.COMPACTED;
    }
    if (revision > now.revision()) {
      return KeyRefusal.FUTURE_REVISION;
    }
    store.compact(revision);
    store.putKeysHash(KeyHash.compacted(store.keysHash(), revision));
    listener.compacted(revision);
    return null;
  }

  private void tell(long revision, List<KeyEvent> events) {
    long hash = store.keysHash();
    for (KeyEvent event : events) {
      hash = KeyHash.changed(hash, event);
    }
    store.putKeysHash(hash);
    listener.changed(revision, List.copyOf(events));
  }
}
