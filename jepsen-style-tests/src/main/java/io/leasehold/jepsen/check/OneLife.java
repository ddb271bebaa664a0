package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.LeaseLife.Sighting;
import io.leasehold.jepsen.history.Op;

/**
 * P2: the life of a lease is one interval. Nobody sees it before its grant, and once anybody saw it
 * gone, nobody sees it alive. A life exists exactly if no sighting of it begins after one of its
 * absence is over, so that two numbers for each lease decide. A tie of the clock proves nothing.
 */
final class OneLife implements Checker {
  private static final String PROPERTY = "P2";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    Findings findings = new Findings(PROPERTY);
    long leases = 0;
    long ended = 0;
    for (LeaseLife life : evidence.leases().all()) {
      Op grant = life.grant();
      Sighting first = life.firstAlive();
      Sighting last = life.lastAlive();
      Sighting dead = life.dead();
      if (grant == null || first == null || last == null) {
        continue;
      }
      leases++;
      if (first.toNanos() < grant.invokedNanos()) {
        findings.violated(
            "lease " + life.leaseId() + " was there before it was asked for", first.entry(), grant);
      }
      if (dead == null) {
        continue;
      }
      ended++;
      if (dead.toNanos() < last.fromNanos()) {
        findings.violated(
            "lease " + life.leaseId() + " was gone, and alive afterwards",
            dead.entry(),
            last.entry());
      }
    }
    if (leases == 0) {
      return Verdict.notApplicable(PROPERTY, "no lease was granted");
    }
    findings.figure("leases", leases);
    findings.figure("seen gone", ended);
    return findings.verdict();
  }
}
