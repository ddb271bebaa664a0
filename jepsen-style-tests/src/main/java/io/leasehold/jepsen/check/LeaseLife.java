package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.Entry;
import io.leasehold.jepsen.history.Op;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What was seen of one lease. Filled by {@link LeaseLives}, then only read. */
final class LeaseLife {
  private final long leaseId;
  private final List<Promise> promises = new ArrayList<>();
  private final List<Op> unknownRenewals = new ArrayList<>();
  private final List<Op> renewalAttempts = new ArrayList<>();
  private @Nullable Op grant;
  private @Nullable Op revoke;
  private @Nullable Sighting firstAlive;
  private @Nullable Sighting lastAlive;
  private @Nullable Sighting dead;
  private long ttlSeconds;

  LeaseLife(long leaseId) {
    this.leaseId = leaseId;
  }

  /** An acknowledged grant or renewal: it lives for so long from when that was sent. */
  record Promise(Op op, long ttlSeconds) {}

  /** At some time of this interval it was seen alive, or gone. */
  record Sighting(Entry entry, long fromNanos, long toNanos) {
    static Sighting of(Op op) {
      return new Sighting(op, op.invokedNanos(), op.returnedNanos());
    }
  }

  void granted(Op op, long grantedTtlSeconds) {
    grant = op;
    ttlSeconds = grantedTtlSeconds;
    promises.add(new Promise(op, grantedTtlSeconds));
    alive(Sighting.of(op));
  }

  void renewalTried(Op op) {
    renewalAttempts.add(op);
    if (op.answer() == null && op.mayHaveHappened()) {
      unknownRenewals.add(op);
    }
    Answer.Renewed renewed = op.answered(Answer.Renewed.class);
    if (renewed != null && renewed.isAlive()) {
      promises.add(new Promise(op, renewed.ttlSeconds()));
      alive(Sighting.of(op));
    }
  }

  void revokeTried(Op op) {
    if (op.mayHaveHappened() && (revoke == null || op.invokedNanos() < revoke.invokedNanos())) {
      revoke = op;
    }
  }

  void alive(Sighting seen) {
    if (firstAlive == null || seen.toNanos() < firstAlive.toNanos()) {
      firstAlive = seen;
    }
    if (lastAlive == null || seen.fromNanos() > lastAlive.fromNanos()) {
      lastAlive = seen;
    }
  }

  void dead(Sighting seen) {
    if (dead == null || seen.toNanos() < dead.toNanos()) {
      dead = seen;
    }
  }

  long leaseId() {
    return leaseId;
  }

  /** The acknowledged grant; leases without one have none, such as those whose grant timed out. */
  @Nullable Op grant() {
    return grant;
  }

  /** The first that was or may have been executed. */
  @Nullable Op revoke() {
    return revoke;
  }

  /** As granted, 0 if that is not known. */
  long ttlSeconds() {
    return ttlSeconds;
  }

  /** The acknowledged grant and renewals, in the order in which they were sent. */
  List<Promise> promises() {
    return promises;
  }

  /** Renewals of unknown outcome. */
  List<Op> unknownRenewals() {
    return unknownRenewals;
  }

  /** All renewals, whatever came of them, in the order in which they were sent. */
  List<Op> renewalAttempts() {
    return renewalAttempts;
  }

  /** The sighting that was over first. */
  @Nullable Sighting firstAlive() {
    return firstAlive;
  }

  /** The sighting that began last. */
  @Nullable Sighting lastAlive() {
    return lastAlive;
  }

  /** The sighting of its absence that was over first. */
  @Nullable Sighting dead() {
    return dead;
  }

  /** Whether it ended, or may have, because a client said so. */
  boolean mayHaveBeenRevokedBy(long nanos) {
    return revoke != null && revoke.invokedNanos() <= nanos;
  }

  /** Whether the operation began after the grant was acknowledged. */
  boolean isKnownGrantedBefore(Op op) {
    return grant != null && op.invokedNanos() >= grant.returnedNanos();
  }
}
