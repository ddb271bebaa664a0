package io.leasehold.core.state;

import io.leasehold.core.lease.Lease;
import java.util.Objects;

/** Hashes of the records whose sum members compare (rule S10). Stateless. */
final class RecordHash {
  private RecordHash() {}

  static long of(Lease lease) {
    long h = spread(lease.id());
    h = spread(h ^ lease.ttlMillis());
    return spread(h ^ lease.endMillis());
  }

  /** Of lease time; its beginning counts for nothing, as with members that did not know it yet. */
  static long ofTime(long timeMillis) {
    return timeMillis == 0 ? 0 : spread(spread(timeMillis) ^ 0x74696d65L);
  }

  static long of(MemberRecord member) {
    return spread(
        Objects.hash(member.name(), member.identity(), member.clientUrls()) ^ 0x6d656d62L);
  }

  static long of(AlarmRecord alarm) {
    return spread(spread(alarm.memberId()) ^ alarm.alarm().name().hashCode() ^ 0x616c726dL);
  }

  private static long spread(long z) {
    z = (z + 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    return z ^ (z >>> 32);
  }
}
