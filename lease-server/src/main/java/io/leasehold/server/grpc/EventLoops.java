package io.leasehold.server.grpc;

import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import io.leasehold.raft.NativeLoops;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The event loops of the client port: one that accepts connections, and those that serve them. */
public final class EventLoops {
  private final EventLoopGroup acceptor = NativeLoops.group("client-accept", 1);
  private final EventLoopGroup workers = NativeLoops.group("client-io", 0);

  EventLoopGroup acceptor() {
    return acceptor;
  }

  EventLoopGroup workers() {
    return workers;
  }

  /** Returns the calling event loop. */
  EventExecutor current() {
    for (EventExecutor loop : workers) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    throw new IllegalStateException("called outside of the event loops");
  }

  /**
   * Returns an executor for work that the calling event loop is to do in its next turn, after it
   * has served what other connections have sent meanwhile. What comes after the loop was closed is
   * dropped.
   */
  Executor nextTurn() {
    EventExecutor loop = current();
    return task -> inNextTurn(loop, task);
  }

  private static void inNextTurn(EventExecutor loop, Runnable task) {
    try {
      // A plain task could run in this turn yet; a loop looks at its timers once a turn.
      var unused = loop.schedule(task, 0, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // The port was closed, and every stream with it.
      return;
    }
  }

  /**
   * Ends the loops, without waiting for that: once they have had nothing to do for {@code
   * quietMillis}, since whoever gave the last answer may not be done with it when it is out, and
   * after {@code graceMillis} in any case.
   */
  void close(long quietMillis, long graceMillis) {
    var unusedAcceptor = acceptor.shutdownGracefully(0, graceMillis, TimeUnit.MILLISECONDS);
    var unusedWorkers = workers.shutdownGracefully(quietMillis, graceMillis, TimeUnit.MILLISECONDS);
  }
}
