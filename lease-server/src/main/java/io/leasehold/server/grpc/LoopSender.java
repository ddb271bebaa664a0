package io.leasehold.server.grpc;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has what any thread sends to one gRPC stream written by the stream's own event loop: as much in
 * one go as has gathered by then, so that it leaves the process with few calls of the kernel. Other
 * threads would hand over message by message, and the event loop would wake up for each. Only large
 * messages are written by whoever sends them, since others wait for the event loop.
 *
 * <p>Messages wait here while gRPC takes no more. Whoever makes them asks first whether there is
 * room, so that a stream holds {@link #BYTES_MAX} and one message more, however slow its client is;
 * and what gRPC itself holds, some 32 KiB.
 */
final class LoopSender<T extends MessageLite> {
  /** Of what waits, in memory: a thousand small messages, one of a change for each watcher. */
  static final int BYTES_MAX = 256 << 10;

  /** From here on a message takes an event loop longer than a hundred renewals do. */
  static final int LARGE_BYTES = 32 << 10;

  /** Of the objects around a message; what it tells of may be shared with others. */
  private static final int MESSAGE_BYTES = 128;

  private static final Logger log = LoggerFactory.getLogger(LoopSender.class);

  private final ServerCallStreamObserver<T> stream;
  private final Executor loop;
  private final Runnable roomAgain;
  private final Runnable givenUp;
  private final ConcurrentLinkedQueue<T> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean isPlanned = new AtomicBoolean();

  /** How often to write what waits; whoever raises it from 0 does so until it is 0 again. */
  private final AtomicInteger work = new AtomicInteger();

  private volatile boolean isRoomAwaited;
  private volatile @Nullable Status end;

  /** Only the thread that writes reads and sets it. */
  private boolean isEnded;

  /**
   * @param loop the stream's event loop
   * @param roomAgain told that there is room, after there was none; must not block
   * @param givenUp told when gRPC does not take a message at all; must not block
   */
  LoopSender(
      ServerCallStreamObserver<T> stream, Executor loop, Runnable roomAgain, Runnable givenUp) {
    this.stream = stream;
    this.loop = loop;
    this.roomAgain = roomAgain;
    this.givenUp = givenUp;
  }

  /** Tells whether more should be sent; if not, it will be told when there is room again. */
  boolean hasRoom() {
    if (waitingBytes.get() < BYTES_MAX) {
      return true;
    }
    isRoomAwaited = true;
    return waitingBytes.get() < BYTES_MAX; // some may have been written since
  }

  void send(T message) {
    waitingBytes.addAndGet(bytesOf(message));
    waiting.add(message);
    if (message.getSerializedSize() < LARGE_BYTES) {
      plan();
    } else {
      write();
    }
  }

  private static int bytesOf(MessageLite message) {
    return MESSAGE_BYTES + message.getSerializedSize();
  }

  /** Ends the stream after what was sent, whether gRPC takes that at once or not. */
  void fail(Status status) {
    end = status;
    plan();
  }

  private void plan() {
    if (isPlanned.compareAndSet(false, true)) {
      try {
        loop.execute(this::writePlanned);
      } catch (RejectedExecutionException e) {
        log.debug("the port is closed, and every stream with it", e);
      }
    }
  }

  private void writePlanned() {
    isPlanned.set(false);
    write();
  }

  /** Writes what waits, as far as gRPC takes it; to be called when it takes more. */
  void write() {
    if (work.getAndIncrement() != 0) {
      return;
    }
    int done = 1;
    while (done != 0) {
      writeWaiting();
      done = work.addAndGet(-done);
    }
  }

  private void writeWaiting() {
    if (isEnded) {
      waiting.clear();
      return;
    }
    Status ending = end;
    try {
      while (ending != null || stream.isReady()) {
        T message = waiting.poll();
        if (message == null) {
          break;
        }
        waitingBytes.addAndGet(-bytesOf(message));
        stream.onNext(message);
      }
      if (ending != null) {
        isEnded = true;
        stream.onError(ending.asRuntimeException());
      } else if (isRoomAwaited && waitingBytes.get() < BYTES_MAX) {
        isRoomAwaited = false;
        roomAgain.run();
      }
    } catch (RuntimeException e) {
      log.warn("a stream is given up", e);
      isEnded = true;
      givenUp.run();
    }
  }
}
