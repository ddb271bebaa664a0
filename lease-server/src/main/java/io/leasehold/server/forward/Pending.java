package io.leasehold.server.forward;

import io.leasehold.core.key.KeyRefusal;
import io.leasehold.raft.proto.v1.ForwardedProposalAnswer;
import io.leasehold.raft.proto.v1.Refusal;
import io.leasehold.server.route.Leader.ProposalAnswer;
import io.leasehold.server.route.Leader.RemainingAnswer;
import io.leasehold.server.route.Leader.RenewalAnswer;

/** A request on the way to the leader, without an answer. */
abstract class Pending {
  /** Guarded by the stream's lock until the stream ended. */
  boolean isSent;

  /** The stream ended before the answer came. */
  abstract void lost();

  static final class Renew extends Pending {
    private final RenewalAnswer answer;

    Renew(RenewalAnswer answer) {
      this.answer = answer;
    }

    void answer(long ttlMillis) {
      if (ttlMillis > 0) {
        answer.renewed(ttlMillis);
      } else if (ttlMillis == Refusal.REFUSAL_NOT_FOUND_VALUE) {
        answer.notFound();
      } else {
        answer.tryAgain();
      }
    }

    @Override
    void lost() {
      answer.tryAgain();
    }
  }

  static final class Remaining extends Pending {
    private final RemainingAnswer answer;

    Remaining(RemainingAnswer answer) {
      this.answer = answer;
    }

    void answer(long remainingMillis, long ttlMillis) {
      if (remainingMillis >= 0) {
        answer.remaining(remainingMillis, ttlMillis);
      } else if (remainingMillis == Refusal.REFUSAL_NOT_FOUND_VALUE) {
        answer.notFound();
      } else {
        answer.tryAgain();
      }
    }

    @Override
    void lost() {
      answer.tryAgain();
    }
  }

  static final class Proposal extends Pending {
    private final ProposalAnswer answer;

    Proposal(ProposalAnswer answer) {
      this.answer = answer;
    }

    void answer(ForwardedProposalAnswer result) {
      switch (result.getResult()) {
        case DONE -> answer.done(result.getIndex());
        case REFUSED -> answer.refused(result.getIndex());
        case NO_SPACE -> answer.forbidden(result.getIndex(), KeyRefusal.NO_SPACE);
        case CORRUPT -> answer.forbidden(result.getIndex(), KeyRefusal.CORRUPT);
        case NOT_LEADER, OVERLOADED -> answer.tryAgain();
        case UNKNOWN, RESULT_UNSPECIFIED, UNRECOGNIZED -> answer.unknown();
      }
    }

    @Override
    void lost() {
      if (isSent) {
        answer.unknown();
      } else {
        answer.tryAgain();
      }
    }
  }
}
