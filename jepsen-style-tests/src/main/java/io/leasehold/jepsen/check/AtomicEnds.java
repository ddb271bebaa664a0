package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Event;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * P4: a lease ends together with all keys that are attached to it then, at one revision of its own,
 * and takes no other key with it. None of them is read at that revision or later, and none is
 * attached again.
 */
final class AtomicEnds implements Checker {
  private static final String PROPERTY = "P4";

  @Override
  public Verdict check(Evidence evidence, RunParameters parameters) {
    CanonicalLog log = evidence.log();
    if (!log.isRecorded()) {
      return Verdict.notApplicable(PROPERTY, "no canonical watch was recorded");
    }
    Findings findings = new Findings(PROPERTY);
    if (!log.incompleteness().isEmpty()) {
      // Who knows not what was attached cannot say what had to go.
      return Verdict.unknown(PROPERTY, log.incompleteness());
    }
    Map<Long, Long> deaths = evidence.causes().deathRevisions();
    KeyModel model = replay(evidence, deaths, findings);
    judgeReads(evidence, deaths, findings);
    judgeRemains(evidence, model, findings);
    if (deaths.isEmpty()) {
      return findings.notApplicableUnlessViolated("no lease that had keys ended");
    }
    findings.figure("leases that ended with keys", deaths.size());
    return findings.verdict();
  }

  private static KeyModel replay(Evidence evidence, Map<Long, Long> deaths, Findings findings) {
    Map<Long, List<Op>> revokes = new HashMap<>();
    for (Op op : evidence.history().ops()) {
      if (op.answer() instanceof Answer.Revoked && op.revision() > 0) {
        revokes.computeIfAbsent(op.revision(), revision -> new ArrayList<>()).add(op);
      }
    }
    KeyModel model = new KeyModel();
    long keys = 0;
    for (CanonicalLog.Change change : evidence.log().changes()) {
      Causes.Cause cause = evidence.causes().of(change.revision());
      if (cause instanceof Causes.Unexplained unexplained && !unexplained.leaseIds().isEmpty()) {
        findings.violated(new Violation(unexplained.why(), unexplained.proof()));
      } else if (cause instanceof Causes.ByLeaseEnd) {
        keys += change.events().size();
      }
      model.apply(change.events());
      for (Event event : change.events()) {
        judgeAttachment(event, change, deaths, findings);
      }
      for (Op revoke : revokes.getOrDefault(change.revision(), List.of())) {
        long leaseId = ((Request.Revoke) revoke.request()).leaseId();
        if (!model.attachedTo(leaseId).isEmpty()) {
          findings.violated(
              "lease %d was revoked by revision %d, and keeps %s"
                  .formatted(leaseId, change.revision(), model.attachedTo(leaseId)),
              revoke,
              change.told());
        }
      }
    }
    findings.figure("keys that went with leases", keys);
    return model;
  }

  private static void judgeAttachment(
      Event event, CanonicalLog.Change change, Map<Long, Long> deaths, Findings findings) {
    Long death = deaths.get(event.now().leaseId());
    if (event.type() == Event.Type.PUT && death != null && change.revision() > death) {
      findings.violated(
          "%s is attached at revision %d to lease %d, which ended at %d"
              .formatted(event.key(), change.revision(), event.now().leaseId(), death),
          change.told());
    }
  }

  private static void judgeReads(Evidence evidence, Map<Long, Long> deaths, Findings findings) {
    for (Op op : evidence.history().ops()) {
      Writes.forEachDone(
          op,
          (request, answer) -> {
            if (request instanceof Request.Range range && answer instanceof Answer.Ranged ranged) {
              long revision = range.revision() > 0 ? range.revision() : op.revision();
              for (KeyValue found : ranged.found()) {
                Long death = deaths.get(found.leaseId());
                if (death != null && revision >= death) {
                  findings.violated(
                      "%s is read at revision %d, after its lease %d ended at %d"
                          .formatted(found.key(), revision, found.leaseId(), death),
                      op);
                }
              }
            }
          });
    }
  }

  /**
   * Keys that are there in the end, of leases that were seen gone. What the log's last request was
   * sent after, the log shows.
   */
  private static void judgeRemains(Evidence evidence, KeyModel model, Findings findings) {
    Op latest = null;
    for (Op op : evidence.history().ops()) {
      boolean inLog = Writes.changedSomething(op) && op.revision() <= evidence.log().last();
      if (inLog && (latest == null || op.invokedNanos() > latest.invokedNanos())) {
        latest = op;
      }
    }
    for (LeaseLife life : evidence.leases().all()) {
      LeaseLife.Sighting dead = life.dead();
      if (latest != null
          && dead != null
          && dead.toNanos() < latest.invokedNanos()
          && !model.attachedTo(life.leaseId()).isEmpty()) {
        findings.violated(
            "lease %d is gone, and leaves %s behind"
                .formatted(life.leaseId(), model.attachedTo(life.leaseId())),
            dead.entry(),
            latest);
      }
    }
  }
}
