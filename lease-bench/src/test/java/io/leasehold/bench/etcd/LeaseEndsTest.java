package io.leasehold.bench.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.api.mvccpb.KeyValue;
import org.junit.jupiter.api.Test;

final class LeaseEndsTest {
  private static final long SECOND = 1_000_000_000;
  private static final long MILLI = 1_000_000;

  /** Near the end of the clock's range, where it turns negative. */
  private static final long NOW = Long.MAX_VALUE - SECOND;

  private final LeaseEnds ends = new LeaseEnds(ByteString.copyFromUtf8("ends/"), 5, 2);

  @Test
  void latenessCountsFromWhenTheLeaseWasDue() {
    ends.granted(0, 10, after(0));
    ends.granted(2, 10, after(SECOND));
    ends.event(deleted(0), after(10 * SECOND + 20 * MILLI));
    ends.event(deleted(2), after(11 * SECOND - 3 * MILLI));
    assertThat(ends.seen()).isEqualTo(2);
    assertThat(ends.lateness().maxMillis()).isCloseTo(20, within(0.1));
    assertThat(ends.earliestMillis()).isCloseTo(-3, within(0.001));
    assertThat(ends.lastDueNanos() - ends.firstDueNanos()).isEqualTo(SECOND);
    assertThat(ends.lastEndSeconds()).isCloseTo(-0.003, within(1e-6));
  }

  @Test
  void oneInSoManyIsSeen() {
    assertThat(ends.expected()).isEqualTo(3);
    assertThat(ends.isSeen(4)).isTrue();
    assertThat(ends.isSeen(3)).isFalse();
  }

  @Test
  void putsAreNoEnds() {
    ends.granted(0, 10, after(0));
    ends.event(event(0, Event.EventType.PUT), after(0));
    assertThat(ends.seen()).isZero();
    assertThat(ends.earliestMillis()).isNaN();
  }

  private static long after(long nanos) {
    return NOW + nanos;
  }

  private Event deleted(int index) {
    return event(index, Event.EventType.DELETE);
  }

  private Event event(int index, Event.EventType type) {
    return Event.newBuilder()
        .setType(type)
        .setKv(KeyValue.newBuilder().setKey(ends.key(index)))
        .build();
  }
}
