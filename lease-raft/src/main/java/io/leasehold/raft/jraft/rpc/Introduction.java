package io.leasehold.raft.jraft.rpc;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How members introduce themselves on each call to a peer port. A caller of another cluster, or
 * under a name that another identity is on record for, is refused. Any thread.
 */
public final class Introduction {
  /** Who called, for whoever serves the call. */
  public static final Context.Key<Caller> CALLER = Context.key("leasehold-member");

  private static final Metadata.Key<String> CLUSTER = key("leasehold-cluster");
  private static final Metadata.Key<String> NAME = key("leasehold-member");
  private static final Metadata.Key<String> IDENTITY = key("leasehold-identity");
  private static final Metadata.Key<String> ELECTION_TIMEOUT = key("leasehold-election-timeout");
  private static final Metadata.Key<String> LAST_LOG_INDEX = key("leasehold-last-log-index");

  private final String cluster;
  private final String name;
  private final String identity;
  private final int electionTimeoutMillis;
  private final LongSupplier lastLogIndex;

  /**
   * What a caller said of itself.
   *
   * @param lastLogIndex how much of the log it had when it called; tells a member that lost its
   *     data from one that knows more than this one
   */
  public record Caller(
      String name, String identity, int electionTimeoutMillis, long lastLogIndex) {}

  /**
   * Makes the introduction of one member.
   *
   * @param lastLogIndex how much of the log this member has; asked while a link's lock is held, so
   *     it must not wait for any other
   */
  public Introduction(
      long clusterId,
      String name,
      String identity,
      int electionTimeoutMillis,
      LongSupplier lastLogIndex) {
    this.cluster = String.format(Locale.ROOT, "%016x", clusterId);
    this.name = name;
    this.identity = identity;
    this.electionTimeoutMillis = electionTimeoutMillis;
    this.lastLogIndex = lastLogIndex;
  }

  /** Returns what adds the introduction to each call. */
  public ClientInterceptor caller() {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            introduce(headers);
            super.start(listener, headers);
          }
        };
      }
    };
  }

  private void introduce(Metadata headers) {
    headers.put(CLUSTER, cluster);
    headers.put(NAME, name);
    headers.put(IDENTITY, identity);
    headers.put(ELECTION_TIMEOUT, Integer.toString(electionTimeoutMillis));
    headers.put(LAST_LOG_INDEX, Long.toString(lastLogIndex.getAsLong()));
  }

  /**
   * Returns what checks the introduction of each caller.
   *
   * @param objection says why a member may not call, or null when it may
   */
  public ServerInterceptor doorkeeper(Function<Caller, @Nullable String> objection) {
    return new ServerInterceptor() {
      @Override
      public <Q, A> ServerCall.Listener<Q> interceptCall(
          ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Caller caller = callerOf(headers);
        String why;
        if (caller == null) {
          why = "a peer port is for members only";
        } else if (!cluster.equals(headers.get(CLUSTER))) {
          why =
              "member "
                  + caller.name()
                  + " belongs to cluster "
                  + headers.get(CLUSTER)
                  + ", this is cluster "
                  + cluster
                  + "; check --initial-cluster and --initial-cluster-token";
        } else {
          why = objection.apply(caller);
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

  private static @Nullable Caller callerOf(Metadata headers) {
    String callerName = headers.get(NAME);
    String callerIdentity = headers.get(IDENTITY);
    String electionTimeout = headers.get(ELECTION_TIMEOUT);
    String logIndex = headers.get(LAST_LOG_INDEX);
    if (callerName == null
        || callerIdentity == null
        || electionTimeout == null
        || logIndex == null) {
      return null;
    }
    try {
      return new Caller(
          callerName, callerIdentity, Integer.parseInt(electionTimeout), Long.parseLong(logIndex));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }
}
