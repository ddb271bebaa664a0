package io.leasehold.server.grpc;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets several threads write to one gRPC stream, which allows only one at a time, without any of
 * them waiting: whoever comes while another writes leaves the message for it. What comes after the
 * end is dropped.
 */
final class SerialSender<T> {
  private final StreamObserver<T> stream;

  /** Messages being written or waiting; whoever raises it from 0 writes. */
  private final AtomicInteger work = new AtomicInteger();

  private final ConcurrentLinkedQueue<Object> waiting = new ConcurrentLinkedQueue<>();

  /** Only the thread that writes reads and sets it. */
  private boolean isEnded;

  SerialSender(StreamObserver<T> stream) {
    this.stream = stream;
  }

  void send(T message) {
    submit(message);
  }

  void fail(Status status) {
    submit(new End(status));
  }

  void complete() {
    submit(new End(Status.OK));
  }

  private void submit(Object item) {
    if (work.compareAndSet(0, 1)) {
      write(item);
      if (work.decrementAndGet() == 0) {
        return;
      }
    } else {
      waiting.add(item);
      if (work.getAndIncrement() != 0) {
        return;
      }
    }
    do {
      Object next = waiting.poll();
      if (next != null) {
        write(next);
      }
    } while (work.decrementAndGet() != 0);
  }

  private void write(Object item) {
    if (isEnded) {
      return;
    }
    if (item instanceof End end) {
      isEnded = true;
      if (end.status().isOk()) {
        stream.onCompleted();
      } else {
        stream.onError(end.status().asRuntimeException());
      }
      return;
    }
    @SuppressWarnings("unchecked") // only send() adds anything else
    T message = (T) item;
    stream.onNext(message);
  }

  private record End(Status status) {}
}
