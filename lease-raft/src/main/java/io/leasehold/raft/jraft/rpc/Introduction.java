package io.leasehold.raft.jraft.rpc;

import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.util.Locale;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * How members introduce themselves on each call to a peer port: cluster, name, and identity of the
 * data directory. A caller of another cluster, or under a name that another identity is on record
 * for, is refused.
 */
public final class Introduction {
  /** The name the caller introduced itself with. */
  public static final Context.Key<String> CALLER = Context.key("leasehold-member");

  private static final Metadata.Key<String> CLUSTER =
      Metadata.Key.of("leasehold-cluster", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> NAME =
      Metadata.Key.of("leasehold-member", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> IDENTITY =
      Metadata.Key.of("leasehold-identity", Metadata.ASCII_STRING_MARSHALLER);

  private final String cluster;
  private final String name;
  private final String identity;

  public Introduction(long clusterId, String name, String identity) {
    this.cluster = String.format(Locale.ROOT, "%016x", clusterId);
    this.name = name;
    this.identity = identity;
  }

  /** Returns what adds the introduction to each call. */
  public ClientInterceptor caller() {
    Metadata headers = new Metadata();
    headers.put(CLUSTER, cluster);
    headers.put(NAME, name);
    headers.put(IDENTITY, identity);
    return MetadataUtils.newAttachHeadersInterceptor(headers);
  }

  /**
   * Returns what checks the introduction of each caller.
   *
   * @param objection says why a member with this name and identity may not call, or null when it
   *     may
   */
  public ServerInterceptor doorkeeper(BiFunction<String, String, @Nullable String> objection) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String caller = headers.get(NAME);
        String callerCluster = headers.get(CLUSTER);
        String callerIdentity = headers.get(IDENTITY);
        String why;
        if (caller == null || callerCluster == null || callerIdentity == null) {
          why = "a peer port is for members only";
        } else if (!callerCluster.equals(cluster)) {
          why =
              "member "
                  + caller
                  + " belongs to cluster "
                  + callerCluster
                  + ", this is cluster "
                  + cluster;
        } else {
          why = objection.apply(caller, callerIdentity);
        }
        if (why != null || caller == null) {
          call.close(Status.FAILED_PRECONDITION.withDescription(why), new Metadata());
          return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(
            Context.current().withValue(CALLER, caller), call, headers, next);
      }
    };
  }
}
