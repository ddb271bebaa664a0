package io.leasehold.jepsen.client;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/**
 * Notices whether a call came as far as a connection: what did not cannot have been executed. Errs
 * on the side of having been sent.
 */
final class SendWatch extends ClientStreamTracer.Factory {
  private volatile boolean maybeSent;

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      @Override
      public void streamCreated(Attributes transport, Metadata sent) {
        maybeSent = true;
      }
    };
  }

  CallOptions on(CallOptions options) {
    return options.withStreamTracerFactory(this);
  }

  boolean maybeSent() {
    return maybeSent;
  }
}
