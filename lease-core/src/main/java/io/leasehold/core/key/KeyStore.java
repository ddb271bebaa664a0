package io.leasehold.core.key;

import java.util.List;
import java.util.function.LongConsumer;

/**
 * Where the key space is kept: the part of the replicated state that may be larger than memory.
 * Writes between two commits take effect together with the rest of the state, or not at all.
 *
 * <p>Called by the apply thread only. Methods throw {@link
 * io.leasehold.core.state.StateStoreException} when the storage fails; the member then stops.
 */
public interface KeyStore {
  /**
   * Returns the key space with everything that was written so far, committed or not. The view
   * follows later writes; a visit does not promise to see those made while it runs, nor one to
   * history to see it as of one moment.
   */
  KeyView pending();

  /**
   * Writes one revision: what each change makes of its key, and the changes themselves for whoever
   * reads history. Changes come one for each key; sorting them by key makes writing cheaper.
   *
   * @param revision one more than the last
   */
  void write(long revision, List<KeyEvent> events);

  /**
   * Writes one revision at which all keys that are attached to a lease are deleted and detached, in
   * order of keys, without naming them: for more keys than {@link #write} should be given at once.
   * What is on disk may follow later, in the background; readers see no difference. It is known by
   * the lease in a key's newest version, as of the end, that the key went with it.
   *
   * @param revision one more than the last
   * @param leaseId a lease with at least one key
   */
  void deleteAttached(long revision, long leaseId);

  /** Notes that a key is attached to a lease. */
  void attach(long leaseId, Bytes key);

  /** Notes that a key is no longer attached to a lease. */
  void detach(long leaseId, Bytes key);

  /** Notes that no key is attached to a lease any more. */
  void detachAll(long leaseId);

  /**
   * Visits the leases to which a key is attached, and maybe others, in no particular order. Used
   * once, when the state is opened: nothing is written that is not committed.
   */
  void forEachLeaseWithKeys(LongConsumer visitor);

  /** Returns the hash that was last noted; 0 when none ever was. */
  long keysHash();

  /** Notes the hash of everything that was ever written (rule S10). */
  void putKeysHash(long hash);

  /**
   * Lets go of history: of each key only the version that is current at {@code revision}, and what
   * is newer, is needed from now on. The compacted revision counts at once; what is on disk goes
   * later, in the background.
   */
  void compact(long revision);
}
