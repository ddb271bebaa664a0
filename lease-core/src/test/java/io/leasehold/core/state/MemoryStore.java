package io.leasehold.core.state;

import java.util.TreeMap;
import java.util.function.Consumer;

/** A state store that forgets when the JVM ends. */
public final class MemoryStore implements StateStore {
  private record Stored(long ttlMillis, long remainingMillis) {}

  private final TreeMap<Long, Stored> leases = new TreeMap<>();
  private final TreeMap<String, MemberRecord> members = new TreeMap<>();

  @Override
  public void putLease(long leaseId, long ttlMillis, long remainingMillis) {
    leases.put(leaseId, new Stored(ttlMillis, remainingMillis));
  }

  @Override
  public void deleteLease(long leaseId) {
    leases.remove(leaseId);
  }

  @Override
  public void putMember(MemberRecord member) {
    members.put(member.name(), member);
  }

  @Override
  public void forEachLease(LeaseVisitor visitor) {
    leases.forEach((id, stored) -> visitor.lease(id, stored.ttlMillis(), stored.remainingMillis()));
  }

  @Override
  public void forEachMember(Consumer<MemberRecord> visitor) {
    members.values().forEach(visitor);
  }

  /** Returns a store with the same content. */
  public MemoryStore copy() {
    MemoryStore copy = new MemoryStore();
    copy.leases.putAll(leases);
    copy.members.putAll(members);
    return copy;
  }

  /** Damages the store. */
  public void forgetRemainingTimes() {
    leases.replaceAll((id, stored) -> new Stored(stored.ttlMillis(), 0));
  }

  /** Damages the store. */
  public void dropOneLease() {
    leases.pollFirstEntry();
  }
}
