package io.leasehold.server.route;

import io.leasehold.core.key.KeyRefusal;

/** A grant or a revoke on its way into the log. */
abstract class ProposedRequest extends TermBoundRequest implements Leader.ProposalAnswer {

  ProposedRequest(LeaseRouter router, long deadlineNanos) {
    super(router, deadlineNanos);
  }

  /** The change took effect and this member has applied it. Called after settling. */
  abstract void succeed();

  /** The log answered that there was nothing to do, and this member has applied that. */
  abstract void refusedHere(long index);

  /** An alarm forbids the change. Called after settling. */
  abstract void forbidden(KeyRefusal why);

  @Override
  public final void done(long index) {
    whenAppliedHere(
        index,
        () -> {
          if (settle()) {
            succeed();
          }
        });
  }

  @Override
  public final void refused(long index) {
    router.replica().whenApplied(index, () -> refusedHere(index));
  }

  @Override
  public final void forbidden(long index, KeyRefusal why) {
    if (isUncertain()) {
      // An earlier attempt may have come before the alarm.
      unknown();
    } else if (settle()) {
      forbidden(why);
    }
  }
}
