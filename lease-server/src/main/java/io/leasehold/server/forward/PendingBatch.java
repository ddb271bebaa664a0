package io.leasehold.server.forward;

import io.leasehold.raft.proto.v1.ForwardAnswers;
import io.leasehold.raft.proto.v1.Refusal;
import io.leasehold.server.route.BatchPart;
import io.leasehold.server.route.Leader.BatchAnswer;
import io.leasehold.server.route.Positions;
import java.util.BitSet;

/** A client's batch of renewals on its way to the leader and back. */
final class PendingBatch {
  private final BatchAnswer answer;

  /** Positions without an answer. Guarded by the stream's lock until it ended. */
  private final BitSet open;

  private final int size;

  PendingBatch(int size, BatchAnswer answer) {
    this.size = size;
    this.answer = answer;
    this.open = new BitSet(size);
    open.set(0, size);
  }

  int size() {
    return size;
  }

  /** Notes that the answer for a position has come; false if it came before. */
  boolean takeNote(int position) {
    boolean isOpen = open.get(position);
    open.clear(position);
    return isOpen;
  }

  /** Returns whether the answers for all positions have come. */
  boolean isAnswered() {
    return open.isEmpty();
  }

  /** Hands on the answers from one index of a message to below another. */
  void answer(ForwardAnswers answers, int from, int to) {
    Positions renewed = new Positions();
    Positions notFound = new Positions();
    Positions tryAgain = new Positions();
    long ttlMillisMin = Long.MAX_VALUE;
    for (int i = from; i < to; i++) {
      int position = Correlation.position(answers.getRenewCorrelations(i));
      long ttlMillis = answers.getRenewTtlMillis(i);
      if (ttlMillis > 0) {
        renewed.add(position);
        ttlMillisMin = Math.min(ttlMillisMin, ttlMillis);
      } else {
        (ttlMillis == Refusal.REFUSAL_NOT_FOUND_VALUE ? notFound : tryAgain).add(position);
      }
    }
    answer.answered(new BatchPart(renewed, ttlMillisMin, notFound, tryAgain));
  }

  /** The stream ended: what has no answer may be asked again, of anyone. */
  void lost() {
    Positions positions = new Positions();
    open.stream().forEach(positions::add);
    answer.answered(BatchPart.tryAgain(positions));
  }
}
