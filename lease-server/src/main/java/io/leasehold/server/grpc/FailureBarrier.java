package io.leasehold.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where an exception that a service did not expect ends: the client gets Internal and nothing about
 * our insides, the log gets one entry.
 */
final class FailureBarrier implements ServerInterceptor {
  /** What the client is told. */
  static final Status INTERNAL =
      Status.INTERNAL.withDescription("leasehold: internal error, see the member's log");

  private static final Logger log = LoggerFactory.getLogger(FailureBarrier.class);

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
    ServerCall.Listener<Q> listener;
    try {
      listener = next.startCall(call, metadata);
    } catch (RuntimeException e) {
      close(call, e);
      return new ServerCall.Listener<>() {};
    }
    return new SimpleForwardingServerCallListener<>(listener) {
      @Override
      public void onMessage(Q message) {
        try {
          super.onMessage(message);
        } catch (RuntimeException e) {
          close(call, e);
        }
      }

      @Override
      public void onHalfClose() {
        try {
          super.onHalfClose();
        } catch (RuntimeException e) {
          close(call, e);
        }
      }
    };
  }

  private static void close(ServerCall<?, ?> call, RuntimeException e) {
    log.error("{} failed unexpectedly", call.getMethodDescriptor().getFullMethodName(), e);
    try {
      call.close(INTERNAL, new Metadata());
    } catch (IllegalStateException alreadyClosed) {
      log.debug("the call was closed already", alreadyClosed);
    }
  }
}
