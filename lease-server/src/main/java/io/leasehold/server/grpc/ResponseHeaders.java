package io.leasehold.server.grpc;

import io.leasehold.api.etcdserverpb.ResponseHeader;
import io.leasehold.raft.Replica;

/**
 * The header of every answer. Keeps the last ones built, since renewals need hundreds of thousands
 * of equal ones in a second. Any thread.
 */
public final class ResponseHeaders {
  private final long clusterId;
  private final long memberId;
  private final Replica replica;
  private volatile ResponseHeader latest;

  /** That of an earlier revision that was asked for last: many watchers are told of one. */
  private volatile ResponseHeader earlier;

  public ResponseHeaders(long clusterId, long memberId, Replica replica) {
    this.clusterId = clusterId;
    this.memberId = memberId;
    this.replica = replica;
    this.latest = build(0, 0);
    this.earlier = latest;
  }

  /** Returns the header of an answer about leases or keys. */
  public ResponseHeader current() {
    ResponseHeader header = latest;
    long revision = replica.revision();
    long term = replica.leadership().term();
    if (!isOf(header, revision, term)) {
      header = build(revision, term);
      latest = header;
    }
    return header;
  }

  /** Returns the header of an answer that was true at a revision. */
  public ResponseHeader at(long revision) {
    long term = replica.leadership().term();
    ResponseHeader header = latest;
    if (isOf(header, revision, term)) {
      return header;
    }
    header = earlier;
    if (!isOf(header, revision, term)) {
      header = build(revision, term);
      earlier = header;
    }
    return header;
  }

  private static boolean isOf(ResponseHeader header, long revision, long term) {
    return header.getRevision() == revision && header.getRaftTerm() == term;
  }

  /** Returns the header of an answer about the cluster itself, which has no revision. */
  public ResponseHeader withoutRevision() {
    return build(0, replica.leadership().term());
  }

  private ResponseHeader build(long revision, long term) {
    return ResponseHeader.newBuilder()
        .setClusterId(clusterId)
        .setMemberId(memberId)
        .setRevision(revision)
        .setRaftTerm(term)
        .build();
  }
}
