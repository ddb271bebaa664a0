package io.leasehold.client;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a session's lease comes to have its turn in a line, and leaves no place behind if not. */
final class Admission {
  private Admission() {}

  /**
   * Takes a place and waits for its turn; null if that does not come in time.
   *
   * @param key the place's key in the line
   * @param isToWait false: only if its turn has come at once
   * @param withdrawn is handed the place that was given up again, if there was one
   * @throws LeaseLostException if the lease is lost
   */
  static @Nullable Place seek(
      Session session,
      KeptLease lease,
      Line line,
      Bytes key,
      Patience patience,
      boolean isToWait,
      Consumer<Withdrawal> withdrawn)
      throws InterruptedException {
    Place place = take(session, lease, line, key, withdrawn);
    boolean isMine = false;
    CompletableFuture<LossReason> lost = session.whenLost(lease);
    try {
      isMine = place.isFirst() || (isToWait && place.awaitTurn(lost, patience));
    } finally {
      boolean unused = lost.cancel(false);
      if (!isMine) {
        withdrawn.accept(Withdrawal.start(session, lease, place::leave).awaitFirst());
      }
    }
    if (!isMine) {
      return null;
    }
    if (lease.state() == LeaseState.LOST) {
      throw place.lost();
    }
    return place;
  }

  private static Place take(
      Session session, KeptLease lease, Line line, Bytes key, Consumer<Withdrawal> withdrawn) {
    try {
      return Place.take(session.core(), line, key, lease, Bytes.empty());
    } catch (RefusedException | LeaseLostException e) {
      throw e;
    } catch (LeaseholdException e) {
      // The place may have been taken all the same, and would stand in everybody's way.
      withdrawn.accept(
          Withdrawal.start(session, lease, () -> Place.abandon(session.core(), key)).awaitFirst());
      throw e;
    }
  }

  /** Turns an interrupt that a request noticed into what waiting methods throw. */
  static InterruptedException interrupted(CallInterruptedException e) {
    boolean unused = Thread.interrupted();
    InterruptedException interrupted = new InterruptedException("while waiting in line");
    interrupted.initCause(e);
    return interrupted;
  }
}
