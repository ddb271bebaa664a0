package io.leasehold.core.state;

/**
 * Where the replicated state is kept. Writes between two commits take effect together, with the
 * applied index, or not at all.
 *
 * <p>Called by the apply thread only. Methods throw {@link StateStoreException} when the storage
 * fails; the member then stops, since its state can no longer be trusted.
 */
public interface StateStore {
  /**
   * Writes a lease. {@code endMillis} is when it ends by its checkpoint, in lease time; 0 when no
   * checkpoint holds.
   */
  void putLease(long leaseId, long ttlMillis, long endMillis);

  /** Writes how far lease time has come, in milliseconds. */
  void putLeaseTime(long millis);

  /** Returns how far lease time had come; 0 when it was never written. */
  long leaseTimeMillis();

  void deleteLease(long leaseId);

  void putMember(MemberRecord member);

  void putAlarm(AlarmRecord alarm);

  void deleteAlarm(AlarmRecord alarm);

  /**
   * Calls the visitor for each stored lease, in no particular order. Used once, when the state is
   * opened.
   */
  void forEachLease(LeaseVisitor visitor);

  /** Calls the visitor for each stored member, in order of names. */
  void forEachMember(java.util.function.Consumer<MemberRecord> visitor);

  /** Calls the visitor for each stored alarm, in no particular order. */
  void forEachAlarm(java.util.function.Consumer<AlarmRecord> visitor);

  /** Receives a stored lease. */
  @FunctionalInterface
  interface LeaseVisitor {
    void lease(long leaseId, long ttlMillis, long endMillis);
  }
}
