package io.leasehold.server.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.leasehold.raft.Replica;
import org.jspecify.annotations.Nullable;

/**
 * Honours {@code hasleader: true}, by which a client asks to be refused rather than kept waiting by
 * a member that knows no leader.
 */
public final class RequireLeader implements ServerInterceptor {
  private static final Metadata.Key<String> HAS_LEADER =
      Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
  private static final Context.Key<Boolean> REQUIRED = Context.key("leasehold-require-leader");

  private final Replica replica;

  public RequireLeader(Replica replica) {
    this.replica = replica;
  }

  /** Tells whether the call being started asked for it. */
  static boolean isRequired() {
    return Boolean.TRUE.equals(REQUIRED.get());
  }

  /** Tells whether whoever asked for it is refused now. */
  boolean refuses() {
    return replica.leadership().leader() == null;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata metadata, ServerCallHandler<Q, A> next) {
    @Nullable String hasLeader = metadata.get(HAS_LEADER);
    if (!"true".equals(hasLeader)) {
      return next.startCall(call, metadata);
    }
    if (refuses()) {
      call.close(EtcdError.NO_LEADER.status(), new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return Contexts.interceptCall(
        Context.current().withValue(REQUIRED, true), call, metadata, next);
  }
}
