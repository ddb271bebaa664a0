package io.leasehold.jepsen.check;

import io.leasehold.jepsen.check.LeaseLife.Sighting;
import io.leasehold.jepsen.history.History;
import io.leasehold.jepsen.history.Op;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * L3: who renews every third of the TTL, wherever it is answered, keeps its lease while one member
 * is broken. Leases whose client did not keep that up are not counted, and neither are those that
 * somebody may have revoked.
 */
final class RenewalAvailability implements Checker {
  private static final String PROPERTY = "L3";

  /** A client's timer is never exact. */
  private static final double SLACK = 1.25;

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    if (!parameters.minorityFaultsOnly()) {
      return Verdict.notApplicable(PROPERTY, "more than one member was broken");
    }
    Findings findings = new Findings(PROPERTY);
    long kept = 0;
    long lost = 0;
    for (LeaseLife life : evidence.leases().all()) {
      Sighting dead = life.dead();
      if (life.grant() == null
          || life.ttlSeconds() < parameters.renewableTtlSecondsMin()
          || life.revoke() != null
          || life.renewalAttempts().isEmpty()) {
        continue;
      }
      boolean steady = isSteady(life, evidence.history());
      if (!steady) {
        findings.count("left out: not renewed in time");
      } else if (dead == null || endedUnrenewed(life, dead)) {
        kept++;
      } else {
        lost++;
        findings.violated(
            "lease %d of %d s was lost though its client renewed it in time"
                .formatted(life.leaseId(), life.ttlSeconds()),
            life.grant(),
            life.renewalAttempts().get(life.renewalAttempts().size() - 1),
            dead.entry());
      }
    }
    if (kept + lost == 0) {
      return Verdict.notApplicable(PROPERTY, "no lease was renewed every third of its TTL");
    }
    findings.figure("leases renewed in time", kept + lost);
    findings.figure("leases lost", lost);
    return findings.verdict();
  }

  /** Whether attempts followed each other closely for as long as the lease was seen. */
  private static boolean isSteady(LeaseLife life, History history) {
    long gapMax = gapMaxNanos(life);
    Op grant = life.grant();
    long last = grant == null ? 0 : grant.invokedNanos();
    List<Op> attempts = life.renewalAttempts();
    Sighting dead = life.dead();
    for (Op attempt : attempts) {
      if (dead != null && attempt.invokedNanos() > dead.toNanos()) {
        break;
      }
      if (attempt.invokedNanos() - last > gapMax
          || history.stalledNanos(last, attempt.invokedNanos()) > gapMax / 2) {
        return false;
      }
      last = attempt.invokedNanos();
    }
    return true;
  }

  /** Whether its end came only after the client had stopped: then nothing was lost. */
  private static boolean endedUnrenewed(LeaseLife life, Sighting dead) {
    long gapMax = gapMaxNanos(life);
    List<Op> attempts = life.renewalAttempts();
    return dead.toNanos() - attempts.get(attempts.size() - 1).invokedNanos() > gapMax;
  }

  private static long gapMaxNanos(LeaseLife life) {
    return (long) (TimeUnit.SECONDS.toNanos(life.ttlSeconds()) / 3.0 * SLACK);
  }
}
