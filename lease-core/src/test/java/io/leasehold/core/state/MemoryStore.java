package io.leasehold.core.state;

import io.leasehold.core.key.MemoryKeyStore;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/** A state store that forgets when the JVM ends, with the keys that go with it. */
public final class MemoryStore implements StateStore {
  private record Stored(long ttlMillis, long endMillis) {}

  private final TreeMap<Long, Stored> leases = new TreeMap<>();
  private long leaseTimeMillis;
  private final TreeMap<String, MemberRecord> members = new TreeMap<>();
  private final TreeSet<AlarmRecord> alarms = new TreeSet<>();
  private final MemoryKeyStore keys;

  public MemoryStore() {
    this(new MemoryKeyStore());
  }

  private MemoryStore(MemoryKeyStore keys) {
    this.keys = keys;
  }

  /** Returns the keys. */
  public MemoryKeyStore keys() {
    return keys;
  }

  @Override
  public void putLease(long leaseId, long ttlMillis, long endMillis) {
    leases.put(leaseId, new Stored(ttlMillis, endMillis));
  }

  @Override
  public void deleteLease(long leaseId) {
    leases.remove(leaseId);
  }

  @Override
  public void putLeaseTime(long millis) {
    leaseTimeMillis = millis;
  }

  @Override
  public long leaseTimeMillis() {
    return leaseTimeMillis;
  }

  @Override
  public void putMember(MemberRecord member) {
    members.put(member.name(), member);
  }

  @Override
  public void putAlarm(AlarmRecord alarm) {
    alarms.add(alarm);
  }

  @Override
  public void deleteAlarm(AlarmRecord alarm) {
    alarms.remove(alarm);
  }

  @Override
  public void forEachLease(LeaseVisitor visitor) {
    leases.forEach((id, stored) -> visitor.lease(id, stored.ttlMillis(), stored.endMillis()));
  }

  @Override
  public void forEachMember(Consumer<MemberRecord> visitor) {
    members.values().forEach(visitor);
  }

  @Override
  public void forEachAlarm(Consumer<AlarmRecord> visitor) {
    alarms.forEach(visitor);
  }

  /** Returns a store with the same content. */
  public MemoryStore copy() {
    MemoryStore copy = new MemoryStore(keys.copy());
    copy.leases.putAll(leases);
    copy.leaseTimeMillis = leaseTimeMillis;
    copy.members.putAll(members);
    copy.alarms.addAll(alarms);
    return copy;
  }

  /** Damages the store. */
  public void forgetEnds() {
    leases.replaceAll((id, stored) -> new Stored(stored.ttlMillis(), 0));
  }

  /** Damages the store. */
  public void dropOneLease() {
    leases.pollFirstEntry();
  }
}
