package io.leasehold.server.forward;

import io.leasehold.core.command.Command;
import io.leasehold.server.route.Leader;

/** The streams to one member, as the leader that it may be. */
record RemoteLeader(ForwardStream leases, CommandStream commands) implements Leader {

  boolean isOpen() {
    return !leases.isClosed() && !commands.isClosed();
  }

  void close(String why) {
    leases.close(why);
    commands.close(why);
  }

  @Override
  public void renew(long leaseId, RenewalAnswer answer) {
    leases.renew(leaseId, answer);
  }

  @Override
  public void renewAll(long[] leaseIds, BatchAnswer answer) {
    leases.renewAll(leaseIds, answer);
  }

  @Override
  public void remaining(long leaseId, RemainingAnswer answer) {
    leases.remaining(leaseId, answer);
  }

  @Override
  public void grant(long term, long leaseId, long ttlMillis, ProposalAnswer answer) {
    leases.grant(term, leaseId, ttlMillis, answer);
  }

  @Override
  public void revoke(long term, long leaseId, ProposalAnswer answer) {
    leases.revoke(term, leaseId, answer);
  }

  @Override
  public void propose(long term, Command command, int bytes, OutcomeAnswer answer) {
    commands.propose(term, command, bytes, answer);
  }
}
