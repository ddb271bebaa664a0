package io.leasehold.bench.wire;

import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;

/** Told what becomes of a call, on its connection's event loop. */
public interface CallListener {
  /**
   * A message has come.
   *
   * @param bytes holds it, from {@code begin} on; to be read before this returns
   * @param nowNanos when it was read from the socket
   */
  void message(ByteBuf bytes, int begin, int length, long nowNanos);

  /** The call has ended; nothing follows. */
  void closed(Status.Code code, String message, long nowNanos);
}
