package io.leasehold.server.forward;

import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.Renewal;
import io.leasehold.core.time.NanoClock;
import io.leasehold.raft.Replica;
import io.leasehold.raft.proto.v1.ForwardAnswers;
import io.leasehold.raft.proto.v1.ForwardRequests;
import io.leasehold.raft.proto.v1.ForwardedGrant;
import io.leasehold.raft.proto.v1.ForwardedProposalAnswer;
import io.leasehold.raft.proto.v1.ForwardedProposalAnswer.Result;
import io.leasehold.raft.proto.v1.ForwardedRevoke;
import io.leasehold.raft.proto.v1.Refusal;
import io.leasehold.server.route.Leader;
import io.leasehold.server.route.LocalLeader;
import org.jspecify.annotations.Nullable;

/**
 * Serves one message of forwarded requests: renewals in one go with one reading of the clock and
 * one proof of leadership for all of them, the rest one by one. Confined to the thread that read
 * the message.
 */
final class ForwardedBatch {
  private final Replica replica;
  private final LocalLeader leader;
  private final NanoClock clock;
  private final AnswerQueue answers;

  ForwardedBatch(Replica replica, LocalLeader leader, NanoClock clock, AnswerQueue answers) {
    this.replica = replica;
    this.leader = leader;
    this.clock = clock;
    this.answers = answers;
  }

  void serve(ForwardRequests requests) {
    ForwardAnswers.Builder atOnce = ForwardAnswers.newBuilder().setBatchesTaken(1);
    renew(requests, atOnce);
    answers.send(atOnce.build());
    for (int i = 0; i < requests.getRemainingCorrelationsCount(); i++) {
      long correlation = requests.getRemainingCorrelations(i);
      leader.remaining(requests.getRemainingLeaseIds(i), new RemainingAnswer(correlation));
    }
    for (ForwardedGrant grant : requests.getGrantsList()) {
      leader.grant(
          grant.getTerm(),
          grant.getLeaseId(),
          grant.getTtlMillis(),
          new ProposalAnswer(grant.getCorrelation()));
    }
    for (ForwardedRevoke revoke : requests.getRevokesList()) {
      leader.revoke(
          revoke.getTerm(), revoke.getLeaseId(), new ProposalAnswer(revoke.getCorrelation()));
    }
  }

  private void renew(ForwardRequests requests, ForwardAnswers.Builder atOnce) {
    int count = requests.getRenewCorrelationsCount();
    if (count == 0) {
      return;
    }
    @Nullable Lessor lessor = replica.lessor();
    long nowNanos = clock.nanoTime();
    ForwardAnswers.Builder renewed = ForwardAnswers.newBuilder();
    for (int i = 0; i < count; i++) {
      long correlation = requests.getRenewCorrelations(i);
      long leaseId = requests.getRenewLeaseIds(i);
      long ttlMillis = lessor == null ? Renewal.DEMOTED : lessor.renew(leaseId, nowNanos);
      if (ttlMillis > 0) {
        renewed.addRenewCorrelations(correlation).addRenewTtlMillis(ttlMillis);
      } else {
        leader.renewAfter(ttlMillis, leaseId, nowNanos, lessor, new RenewalAnswer(correlation));
      }
    }
    if (lessor == null || renewed.getRenewCorrelationsCount() == 0) {
      return;
    }
    // Asked after the lessor has answered for all of them (rule S6).
    if (replica.isCertainlyLeader(lessor.term())) {
      atOnce.mergeFrom(renewed.buildPartial());
    } else {
      replica.leaderBarrier(
          lessor.term(), isProven -> answers.add(isProven ? renewed : refused(renewed)));
    }
  }

  private static ForwardAnswers.Builder refused(ForwardAnswers.Builder renewed) {
    for (int i = 0; i < renewed.getRenewTtlMillisCount(); i++) {
      renewed.setRenewTtlMillis(i, Refusal.REFUSAL_UNCERTAIN_VALUE);
    }
    return renewed;
  }

  private final class RenewalAnswer implements Leader.RenewalAnswer {
    private final long correlation;

    RenewalAnswer(long correlation) {
      this.correlation = correlation;
    }

    @Override
    public void renewed(long ttlMillis) {
      answer(ttlMillis);
    }

    @Override
    public void notFound() {
      answer(Refusal.REFUSAL_NOT_FOUND_VALUE);
    }

    @Override
    public void tryAgain() {
      answer(Refusal.REFUSAL_NOT_LEADER_VALUE);
    }

    private void answer(long ttlMillis) {
      answers.add(
          ForwardAnswers.newBuilder()
              .addRenewCorrelations(correlation)
              .addRenewTtlMillis(ttlMillis));
    }
  }

  private final class RemainingAnswer implements Leader.RemainingAnswer {
    private final long correlation;

    RemainingAnswer(long correlation) {
      this.correlation = correlation;
    }

    @Override
    public void remaining(long remainingMillis, long ttlMillis) {
      answer(remainingMillis, ttlMillis);
    }

    @Override
    public void notFound() {
      answer(Refusal.REFUSAL_NOT_FOUND_VALUE, 0);
    }

    @Override
    public void tryAgain() {
      answer(Refusal.REFUSAL_NOT_LEADER_VALUE, 0);
    }

    private void answer(long remainingMillis, long ttlMillis) {
      answers.add(
          ForwardAnswers.newBuilder()
              .addRemainingCorrelations(correlation)
              .addRemainingMillis(remainingMillis)
              .addGrantedTtlMillis(ttlMillis));
    }
  }

  private final class ProposalAnswer implements Leader.ProposalAnswer {
    private final long correlation;

    ProposalAnswer(long correlation) {
      this.correlation = correlation;
    }

    @Override
    public void done(long index) {
      answer(Result.DONE, index);
    }

    @Override
    public void refused(long index) {
      answer(Result.REFUSED, index);
    }

    @Override
    public void forbidden(long index, KeyRefusal why) {
      answer(why == KeyRefusal.CORRUPT ? Result.CORRUPT : Result.NO_SPACE, index);
    }

    @Override
    public void tryAgain() {
      answer(Result.NOT_LEADER, 0);
    }

    @Override
    public void unknown() {
      answer(Result.UNKNOWN, 0);
    }

    private void answer(Result result, long index) {
      answers.add(
          ForwardAnswers.newBuilder()
              .addProposals(
                  ForwardedProposalAnswer.newBuilder()
                      .setCorrelation(correlation)
                      .setResult(result)
                      .setIndex(index)));
    }
  }
}
