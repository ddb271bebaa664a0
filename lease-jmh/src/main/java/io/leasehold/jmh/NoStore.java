package io.leasehold.jmh;

import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStore;
import java.util.function.Consumer;

/** Keeps nothing, so that only what is in memory is measured. */
final class NoStore implements StateStore {
  @Override
  public void putLease(long leaseId, long ttlMillis, long endMillis) {}

  @Override
  public void putLeaseTime(long millis) {}

  @Override
  public long leaseTimeMillis() {
    return 0;
  }

  @Override
  public void deleteLease(long leaseId) {}

  @Override
  public void putMember(MemberRecord member) {}

  @Override
  public void putAlarm(AlarmRecord alarm) {}

  @Override
  public void deleteAlarm(AlarmRecord alarm) {}

  @Override
  public void forEachLease(LeaseVisitor visitor) {}

  @Override
  public void forEachMember(Consumer<MemberRecord> visitor) {}

  @Override
  public void forEachAlarm(Consumer<AlarmRecord> visitor) {}
}
