package io.leasehold.client;

import java.util.List;

/**
 * What a member says of itself.
 *
 * @param memberId its ID
 * @param leaderId whom it takes for the leader, or 0
 * @param version the version of etcd's interface that it speaks
 * @param sizeBytes how much it stores
 * @param term the term of leadership it knows of
 * @param logIndex how far its log reaches
 * @param appliedIndex how far it has applied it
 * @param isLearner whether it has no vote yet
 * @param problems what is wrong with it, in its own words
 */
public record MemberStatus(
    long memberId,
    long leaderId,
    String version,
    long sizeBytes,
    long term,
    long logIndex,
    long appliedIndex,
    boolean isLearner,
    List<String> problems) {
  public MemberStatus {
    problems = List.copyOf(problems);
  }

  /** Returns whether it takes itself for the leader. */
  public boolean isLeader() {
    return leaderId != 0 && leaderId == memberId;
  }
}
