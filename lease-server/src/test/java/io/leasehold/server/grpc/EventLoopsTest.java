package io.leasehold.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.netty.shaded.io.netty.channel.EventLoop;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class EventLoopsTest {
  private static final long QUIET_MILLIS = 2_000;
  private static final long GRACE_MILLIS = 20_000;

  /** The thread that gave the last answer may still have something for its loop. */
  @Test
  void loopsTakeWhatComesJustAfterTheyWereClosed() throws Exception {
    EventLoops loops = new EventLoops();
    EventLoop loop = loops.workers().next();
    loop.submit(() -> {}).get(GRACE_MILLIS, TimeUnit.MILLISECONDS);
    loops.close(QUIET_MILLIS, GRACE_MILLIS);
    // The first turn of a loop that was told to end: without a quiet time it is its last.
    loop.submit(() -> {}).get(GRACE_MILLIS, TimeUnit.MILLISECONDS);
    Future<?> late = loop.submit(() -> {});
    assertThat(late.await(GRACE_MILLIS, TimeUnit.MILLISECONDS)).isTrue();
    assertThat(late.isSuccess()).isTrue();
    assertThat(loops.workers().terminationFuture().await(GRACE_MILLIS, TimeUnit.MILLISECONDS))
        .isTrue();
  }
}
