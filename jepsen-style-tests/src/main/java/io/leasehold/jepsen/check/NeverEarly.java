package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.LeaseLife.Promise;
import io.leasehold.jepsen.check.LeaseLife.Sighting;

/**
 * P1: a lease that nobody revoked is never gone before the TTL is over that its last acknowledged
 * grant or renewal answered, counted from when that was sent. Leader changes are no excuse: an
 * acknowledged renewal found the lease alive, and from then on it had its TTL.
 */
final class NeverEarly implements Checker {
  private static final String PROPERTY = "P1";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    long leases = 0;
    long ended = 0;
    double narrowestMillis = Double.MAX_VALUE;
    for (LeaseLife life : evidence.leases().all()) {
      if (life.grant() == null) {
        continue;
      }
      leases++;
      Sighting dead = life.dead();
      if (dead == null || life.mayHaveBeenRevokedBy(dead.toNanos())) {
        continue;
      }
      ended++;
      Promise strongest = strongest(life, parameters);
      long until = endNanos(strongest, parameters);
      narrowestMillis = Math.min(narrowestMillis, (dead.toNanos() - until) / 1e6);
      if (dead.toNanos() < until) {
        findings.violated(
            "lease %d was gone %.1f ms before its TTL of %d s was over"
                .formatted(life.leaseId(), (until - dead.toNanos()) / 1e6, strongest.ttlSeconds()),
            strongest.op(),
            dead.entry());
      }
    }
    if (leases == 0) {
      return Verdict.notApplicable(PROPERTY, "no lease was granted");
    }
    findings.figure("leases", leases);
    findings.figure("ended by expiry", ended);
    if (ended > 0) {
      findings.figure("narrowest margin, ms", narrowestMillis);
    }
    return findings.verdict();
  }

  private static Promise strongest(LeaseLife life, RunParameters parameters) {
    Promise strongest = life.promises().get(0);
    for (Promise promise : life.promises()) {
      if (endNanos(promise, parameters) > endNanos(strongest, parameters)) {
        strongest = promise;
      }
    }
    return strongest;
  }

  private static long endNanos(Promise promise, RunParameters parameters) {
    return promise.op().invokedNanos() + parameters.shortestNanos(promise.ttlSeconds());
  }
}
