package io.leasehold.server.route;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.key.KeyRefusal;

/**
 * A command on keys or alarms on its way into the log.
 *
 * <p>A transaction whose fate is unknown is not tried again, in no term: nobody could tell its
 * second effect from its first. To compact, or to set an alarm, twice is the same as once.
 */
final class CommandRequest extends TermBoundRequest implements Leader.OutcomeAnswer {
  private final Command command;
  private final int bytes;
  private final LeaseRouter.CommandCallback callback;

  CommandRequest(
      LeaseRouter router,
      long deadlineNanos,
      Command command,
      int bytes,
      LeaseRouter.CommandCallback callback) {
    super(router, deadlineNanos);
    this.command = command;
    this.bytes = bytes;
    this.callback = callback;
  }

  @Override
  void propose(Leader leader, long term) {
    leader.propose(term, command, bytes, this);
  }

  @Override
  public void applied(long index, Outcome outcome) {
    Outcome answer = withEarlierAttempt(outcome);
    whenAppliedHere(
        index,
        () -> {
          if (settle()) {
            callback.applied(answer);
          }
        });
  }

  /** Returns what the command came to, if an earlier attempt may have done its work. */
  private Outcome withEarlierAttempt(Outcome outcome) {
    if (isUncertain()
        && command instanceof Command.Compact compact
        && outcome instanceof Outcome.KeysRefused refused
        && refused.why() == KeyRefusal.COMPACTED) {
      return new Outcome.Compacted(compact.revision(), refused.revision());
    }
    return outcome;
  }

  @Override
  public void unknown() {
    if (!(command instanceof Command.Transact)) {
      super.unknown();
    } else if (settle()) {
      callback.failed(RequestFailure.UNKNOWN_OUTCOME);
    }
  }

  @Override
  void fail(RequestFailure failure) {
    callback.failed(failure);
  }
}
