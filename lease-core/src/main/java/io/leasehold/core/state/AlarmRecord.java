package io.leasehold.core.state;

import io.leasehold.core.command.Alarm;
import java.util.Comparator;

/**
 * An alarm that a member raised and nobody has ended.
 *
 * @param memberId the member
 */
public record AlarmRecord(long memberId, Alarm alarm) implements Comparable<AlarmRecord> {
  private static final Comparator<AlarmRecord> ORDER =
      Comparator.comparing(AlarmRecord::alarm).thenComparingLong(AlarmRecord::memberId);

  /** Orders by alarm, then by member. */
  @Override
  public int compareTo(AlarmRecord other) {
    return ORDER.compare(this, other);
  }
}
