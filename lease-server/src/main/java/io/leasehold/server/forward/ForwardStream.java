package io.leasehold.server.forward;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.leasehold.raft.proto.v1.ForwardAnswers;
import io.leasehold.raft.proto.v1.ForwardGrpc;
import io.leasehold.raft.proto.v1.ForwardRequests;
import io.leasehold.raft.proto.v1.ForwardedGrant;
import io.leasehold.raft.proto.v1.ForwardedRevoke;
import io.leasehold.server.route.Leader.BatchAnswer;
import io.leasehold.server.route.Leader.ProposalAnswer;
import io.leasehold.server.route.Leader.RemainingAnswer;
import io.leasehold.server.route.Leader.RenewalAnswer;
import io.leasehold.server.route.LeaseRouter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The follower's end of the stream to one member that carries what concerns leases.
 *
 * <p>Batches form by themselves: with few batches on the way a request goes out at once, else it
 * joins the next batch, which leaves when the leader has taken one up. When the stream ends, safe
 * requests are told to try again and proposals that were sent are of unknown fate.
 *
 * <p>A client's own batch of renewals travels as so many renewals, whose correlation numbers say
 * where in which batch each belongs ({@link Correlation}). To the leader they are numbers like any
 * other, so a leader of any version does.
 *
 * <p>Any thread. The lock guards everything here and is never held while an answer is delivered.
 */
final class ForwardStream {
  /**
   * Batches sent and not taken up. Two keep the leader busy during the way there and back; the more
   * there are, the smaller each.
   */
  private static final int BATCHES_ON_THE_WAY_MAX = 2;

  /** Requests in a batch: some 50 KB, which the leader serves in a millisecond. */
  private static final int BATCH_MAX = 4096;

  /** Requests without an answer. Beyond it they wait at the router. */
  private static final int OUTSTANDING_MAX = 1 << 18;

  /** Batches of clients without an answer: as many leases as there may be requests. */
  private static final int CLIENT_BATCHES_MAX = OUTSTANDING_MAX / LeaseRouter.BATCH_LEASES_MAX;

  private final ForwardObserver observer;
  private final Outstanding<Pending> outstanding = new Outstanding<>(OUTSTANDING_MAX);
  private final Outstanding<PendingBatch> outstandingBatches =
      new Outstanding<>(CLIENT_BATCHES_MAX);
  private ForwardRequests.Builder batch = ForwardRequests.newBuilder();
  private List<Pending> batched = new ArrayList<>();
  private int batchSize;
  private int batchesOnTheWay;
  private @Nullable ClientCallStreamObserver<ForwardRequests> requests;
  private boolean isClosed;

  ForwardStream(ForwardObserver observer) {
    this.observer = observer;
  }

  void open(Channel channel) {
    // Not a part of the client's call that happens to be the first to need it: it would be
    // cancelled when that call ends.
    Context.ROOT.run(() -> ForwardGrpc.newStub(channel).withWaitForReady().forward(new Answers()));
  }

  synchronized boolean isClosed() {
    return isClosed;
  }

  /** Ends the stream and everything on it. */
  void close(String why) {
    ClientCallStreamObserver<ForwardRequests> toCancel;
    synchronized (this) {
      toCancel = requests;
    }
    giveUp();
    if (toCancel != null) {
      toCancel.cancel(why, null);
    }
  }

  void renew(long leaseId, RenewalAnswer answer) {
    Pending.Renew pending = new Pending.Renew(answer);
    boolean isTaken;
    synchronized (this) {
      long correlation = add(pending);
      isTaken = correlation >= 0;
      if (isTaken) {
        batch.addRenewCorrelations(correlation).addRenewLeaseIds(leaseId);
        sendIfDue();
      }
    }
    if (!isTaken) {
      answer.tryAgain();
    }
  }

  void renewAll(long[] leaseIds, BatchAnswer answer) {
    PendingBatch pending = new PendingBatch(leaseIds.length, answer);
    boolean isTaken;
    synchronized (this) {
      int slot = isClosed ? -1 : outstandingBatches.add(pending);
      isTaken = slot >= 0;
      if (isTaken) {
        if (batchSize > 0 && batchSize + pending.size() > BATCH_MAX) {
          send();
        }
        for (int i = 0; i < pending.size(); i++) {
          batch.addRenewCorrelations(Correlation.ofBatch(slot, i)).addRenewLeaseIds(leaseIds[i]);
        }
        batchSize += pending.size();
        sendIfDue();
      }
    }
    if (!isTaken) {
      pending.lost();
    }
  }

  void remaining(long leaseId, RemainingAnswer answer) {
    Pending.Remaining pending = new Pending.Remaining(answer);
    boolean isTaken;
    synchronized (this) {
      long correlation = add(pending);
      isTaken = correlation >= 0;
      if (isTaken) {
        batch.addRemainingCorrelations(correlation).addRemainingLeaseIds(leaseId);
        sendIfDue();
      }
    }
    if (!isTaken) {
      answer.tryAgain();
    }
  }

  void grant(long term, long leaseId, long ttlMillis, ProposalAnswer answer) {
    Pending.Proposal pending = new Pending.Proposal(answer);
    boolean isTaken;
    synchronized (this) {
      long correlation = add(pending);
      isTaken = correlation >= 0;
      if (isTaken) {
        batch.addGrants(
            ForwardedGrant.newBuilder()
                .setCorrelation(correlation)
                .setLeaseId(leaseId)
                .setTtlMillis(ttlMillis)
                .setTerm(term));
        sendIfDue();
      }
    }
    if (!isTaken) {
      answer.tryAgain();
    }
  }

  void revoke(long term, long leaseId, ProposalAnswer answer) {
    Pending.Proposal pending = new Pending.Proposal(answer);
    boolean isTaken;
    synchronized (this) {
      long correlation = add(pending);
      isTaken = correlation >= 0;
      if (isTaken) {
        batch.addRevokes(
            ForwardedRevoke.newBuilder()
                .setCorrelation(correlation)
                .setLeaseId(leaseId)
                .setTerm(term));
        sendIfDue();
      }
    }
    if (!isTaken) {
      answer.tryAgain();
    }
  }

  /* Under the lock. */

  /** Returns the correlation number, or -1 when there is no room. */
  private long add(Pending pending) {
    int slot = isClosed ? -1 : outstanding.add(pending);
    if (slot < 0) {
      return -1;
    }
    batched.add(pending);
    batchSize++;
    return Correlation.ofOne(slot);
  }

  private void sendIfDue() {
    ClientCallStreamObserver<ForwardRequests> to = requests;
    if (to == null || batchSize == 0) {
      return;
    }
    boolean isFull = batchSize >= BATCH_MAX;
    if (isFull || (batchesOnTheWay < BATCHES_ON_THE_WAY_MAX && to.isReady())) {
      send();
    }
  }

  /** Sends what was gathered, if the stream is open yet. */
  private void send() {
    ClientCallStreamObserver<ForwardRequests> to = requests;
    if (to == null) {
      return;
    }
    for (Pending pending : batched) {
      pending.isSent = true;
    }
    observer.batchSent(batchSize);
    ForwardRequests message = batch.build();
    batch = ForwardRequests.newBuilder();
    batched = new ArrayList<>();
    batchSize = 0;
    batchesOnTheWay++;
    to.onNext(message);
  }

  private void giveUp() {
    List<Pending> all;
    List<PendingBatch> allBatches;
    synchronized (this) {
      isClosed = true;
      requests = null;
      all = outstanding.removeAll();
      allBatches = outstandingBatches.removeAll();
      batched = new ArrayList<>();
      batchSize = 0;
      batch = ForwardRequests.newBuilder();
    }
    all.forEach(Pending::lost);
    allBatches.forEach(PendingBatch::lost);
  }

  /** What comes from the leader. */
  private final class Answers implements ClientResponseObserver<ForwardRequests, ForwardAnswers> {

    @Override
    public void beforeStart(ClientCallStreamObserver<ForwardRequests> stream) {
      stream.setOnReadyHandler(
          () -> {
            synchronized (ForwardStream.this) {
              sendIfDue();
            }
          });
      boolean isTooLate;
      synchronized (ForwardStream.this) {
        isTooLate = isClosed;
        requests = isTooLate ? null : stream;
      }
      if (isTooLate) {
        stream.cancel("the stream was closed before it was open", null);
      }
    }

    @Override
    public void onNext(ForwardAnswers answers) {
      int renewals = answers.getRenewCorrelationsCount();
      int remainings = answers.getRemainingCorrelationsCount();
      int proposals = answers.getProposalsCount();
      @Nullable Pending[] answered = new @Nullable Pending[renewals + remainings + proposals];
      @Nullable PendingBatch[] answeredBatches = new @Nullable PendingBatch[renewals];
      synchronized (ForwardStream.this) {
        int n = 0;
        for (int i = 0; i < renewals; i++) {
          long correlation = answers.getRenewCorrelations(i);
          if (Correlation.isOfBatch(correlation)) {
            answeredBatches[i] = answeredOne(correlation);
            n++;
          } else {
            answered[n++] = remove(correlation);
          }
        }
        for (int i = 0; i < remainings; i++) {
          answered[n++] = remove(answers.getRemainingCorrelations(i));
        }
        for (int i = 0; i < proposals; i++) {
          answered[n++] = remove(answers.getProposals(i).getCorrelation());
        }
        batchesOnTheWay = Math.max(0, batchesOnTheWay - answers.getBatchesTaken());
        sendIfDue();
      }
      int n = 0;
      for (int i = 0; i < renewals; i++) {
        if (answered[n++] instanceof Pending.Renew renew) {
          renew.answer(answers.getRenewTtlMillis(i));
        }
      }
      answerBatches(answers, answeredBatches);
      for (int i = 0; i < remainings; i++) {
        if (answered[n++] instanceof Pending.Remaining remaining) {
          remaining.answer(answers.getRemainingMillis(i), answers.getGrantedTtlMillis(i));
        }
      }
      for (int i = 0; i < proposals; i++) {
        if (answered[n++] instanceof Pending.Proposal proposal) {
          proposal.answer(answers.getProposals(i));
        }
      }
    }

    private @Nullable Pending remove(long correlation) {
      return outstanding.remove(Correlation.slotOfOne(correlation));
    }

    /** Takes note of one answer; the batch is let go with its last. */
    private @Nullable PendingBatch answeredOne(long correlation) {
      long slot = Correlation.slotOfBatch(correlation);
      PendingBatch pending = outstandingBatches.get(slot);
      if (pending == null || !pending.takeNote(Correlation.position(correlation))) {
        return null;
      }
      if (pending.isAnswered()) {
        outstandingBatches.remove(slot);
      }
      return pending;
    }

    /** Tells each batch in one go of its answers that stand side by side. */
    private void answerBatches(ForwardAnswers answers, @Nullable PendingBatch[] batches) {
      for (int from = 0; from < batches.length; ) {
        PendingBatch pending = batches[from];
        int to = from + 1;
        while (to < batches.length && batches[to] == pending) {
          to++;
        }
        if (pending != null) {
          pending.answer(answers, from, to);
        }
        from = to;
      }
    }

    @Override
    public void onError(Throwable cause) {
      giveUp();
    }

    @Override
    public void onCompleted() {
      giveUp();
    }
  }
}
