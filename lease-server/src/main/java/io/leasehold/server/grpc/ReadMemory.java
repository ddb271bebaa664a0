package io.leasehold.server.grpc;

import io.leasehold.core.key.AnswerBudget;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory that answers to reads take together until they are on their way. One read that
 * asked for more than there is would otherwise end the member, and its repetition the next.
 *
 * <p>Nobody waits: a read that finds no room is refused, alone or because of others. Any thread.
 */
public final class ReadMemory {
  /** Share of the heap: an answer stands there as keys, as a message and as bytes to be sent. */
  private static final int HEAP_SHARE = 8;

  private final long bytesMax;
  private final AtomicLong taken = new AtomicLong();

  public ReadMemory(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Returns what a JVM with this much heap has for reads. */
  public static ReadMemory ofHeap(long heapBytes) {
    return new ReadMemory(heapBytes / HEAP_SHARE);
  }

  /** Returns the part of one read, to be closed when its answer was sent. */
  Share share() {
    return new Share();
  }

  /** What one read has taken. Used by one thread. */
  final class Share implements AnswerBudget, AutoCloseable {
    private long own;

    /** Whether others held room, too, when there was none left. */
    private boolean isCrowded;

    @Override
    public boolean take(long bytes) {
      long all = taken.addAndGet(bytes);
      if (all > bytesMax) {
        isCrowded = all > own + bytes;
        taken.addAndGet(-bytes);
        return false;
      }
      own += bytes;
      return true;
    }

    @Override
    public void giveBack(long bytes) {
      own -= bytes;
      taken.addAndGet(-bytes);
    }

    /** Returns why a read with this share was refused for want of room. */
    EtcdError refusal() {
      return isCrowded ? EtcdError.TOO_MANY_REQUESTS : EtcdError.REQUEST_TOO_LARGE;
    }

    @Override
    public void close() {
      giveBack(own);
    }
  }
}
