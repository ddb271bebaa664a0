package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadMemoryTest {
  private final ReadMemory memory = new ReadMemory(10_000);

  @Test
  void readsShareWhatThereIs() {
    try (ReadMemory.Share first = memory.share();
        ReadMemory.Share second = memory.share()) {
      assertThat(first.take(6_000)).isTrue();
      assertThat(second.take(4_000)).isTrue();
      assertThat(second.take(1)).isFalse();
      first.giveBack(1);
      assertThat(second.take(1)).isTrue();
    }
  }

  @Test
  void whatAReadTookIsThereAgainWhenItEnds() {
    try (ReadMemory.Share share = memory.share()) {
      assertThat(share.take(10_000)).isTrue();
    }
    try (ReadMemory.Share share = memory.share()) {
      assertThat(share.take(10_000)).isTrue();
    }
  }

  @Test
  void readThatIsLargeByItselfIsToldSo() {
    try (ReadMemory.Share share = memory.share()) {
      assertThat(share.take(9_999)).isTrue();
      assertThat(share.take(2)).isFalse();
      assertThat(share.refusal()).isEqualTo(EtcdError.REQUEST_TOO_LARGE);
    }
  }

  @Test
  void readThatFindsTheRoomTakenByOthersMayComeAgain() {
    try (ReadMemory.Share large = memory.share();
        ReadMemory.Share small = memory.share()) {
      assertThat(large.take(9_999)).isTrue();
      assertThat(small.take(100)).isFalse();
      assertThat(small.refusal()).isEqualTo(EtcdError.TOO_MANY_REQUESTS);
    }
  }
}
