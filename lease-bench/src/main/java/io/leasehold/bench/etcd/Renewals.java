package io.leasehold.bench.etcd;

import io.grpc.netty.shaded.io.netty.buffer.ByteBuf;
import io.leasehold.bench.wire.Method;

/**
 * How leases are renewed on a stream: numbered messages, each with an answer that says whose it is.
 * Confined to the stream's event loop.
 */
interface Renewals {
  Method method();

  /** How many different messages there are. */
  int count();

  /** Returns the message of a number from 0 on. */
  byte[] request(int number);

  /** Reads an answer and returns the number of the message that it answers. */
  int readAnswer(ByteBuf in, int begin, int length);

  /** Whether the answer that was read last renewed all that was asked for. */
  boolean isRenewed();
}
