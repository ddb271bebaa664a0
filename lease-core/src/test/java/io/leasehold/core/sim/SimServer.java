package io.leasehold.core.sim;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.lessor.Lessor;
import io.leasehold.core.lessor.Renewal;
import io.leasehold.core.log.ProposalResult;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a server does around the lessor before it answers: leadership checks, barriers, retries
 * against the new leader.
 */
final class SimServer {
  /** What a client is told. */
  enum Answer {
    OK,
    GONE,
    FAILED
  }

  private static final long RETRY_NANOS = 40 * World.MILLI;
  private static final long DEADLINE_NANOS = 7 * World.SECOND;

  private final World world;
  private final SimLog log;
  private final List<SimMember> members;
  private final Variant variant;
  private final Ledger ledger;
  private final Map<Long, Consumer<Outcome>> grants = new HashMap<>();
  private final Set<Long> granted = new HashSet<>();
  private final Map<Long, Consumer<Outcome>> revokes = new HashMap<>();

  SimServer(World world, SimLog log, List<SimMember> members, Variant variant, Ledger ledger) {
    this.world = world;
    this.log = log;
    this.members = members;
    this.variant = variant;
    this.ledger = ledger;
    log.onAppend(this::answerFromFollower);
  }

  /**
   * Lets a client of some other member have its answer as soon as that member has applied the
   * entry: the leader itself may still be behind.
   */
  private void answerFromFollower(SimLog.Entry entry) {
    Consumer<Outcome> waiting =
        entry.command instanceof Command.Grant grant
            ? grants.remove(grant.leaseId())
            : entry.command instanceof Command.Revoke revoke && !SimLog.isExpiry(revoke)
                ? revokes.remove(revoke.leaseIds().get(0))
                : null;
    if (waiting != null) {
      SimMember follower = members.get(world.random.nextInt(members.size()));
      follower.whenApplied(
          entry.index,
          () -> {
            if (entry.outcome != null
                && log.last() >= entry.index
                && log.entry(entry.index) == entry) {
              ledger.coverage.count("answers from a follower");
              waiting.accept(entry.outcome);
            }
          });
    }
  }

  /**
   * One request on its way; runs at whichever member it is sent to, until it is answered or its
   * time is up.
   */
  private abstract class Request {
    final long leaseId;
    final Consumer<Answer> done;
    private final long giveUpAt = world.now() + DEADLINE_NANOS;

    Request(long leaseId, Consumer<Answer> done) {
      this.leaseId = leaseId;
      this.done = done;
    }

    abstract void serve(SimMember member, Lessor lessor);

    void route() {
      if (world.now() > giveUpAt) {
        done.accept(Answer.FAILED);
        return;
      }
      SimMember to = believedLeader();
      if (to == null) {
        retry();
        return;
      }
      world.after(
          world.between(World.MILLI / 10, 5 * World.MILLI),
          () -> {
            if (to.isPaused() && this instanceof Renew && log.leader() == to) {
              ledger.waits(to, leaseId);
            }
            int life = to.life();
            to.run(
                () -> {
                  ledger.served(to, leaseId);
                  if (to.life() != life || to.lessor() == null) {
                    retry();
                  } else {
                    serve(to, to.lessor());
                  }
                });
          });
    }

    void retry() {
      world.after(RETRY_NANOS, this::route);
    }
  }

  private SimMember believedLeader() {
    if (world.chance(0.15)) {
      SimMember any = members.get(world.random.nextInt(members.size()));
      return any.lessor() != null ? any : log.leader();
    }
    return log.leader();
  }

  private boolean isCertain(SimMember member, long term) {
    return log.leads(member, term) && !member.isPaused() && world.chance(0.8);
  }

  private void leaderBarrier(SimMember member, long term, Consumer<Boolean> done) {
    int life = member.life();
    world.after(
        world.between(0, 10 * World.MILLI),
        () -> {
          boolean led = log.leads(member, term);
          world.after(
              world.between(0, 10 * World.MILLI),
              () -> member.run(() -> done.accept(led && member.life() == life)));
        });
  }

  private void readBarrier(SimMember member, Consumer<Boolean> done) {
    int life = member.life();
    world.after(
        world.between(0, 10 * World.MILLI),
        () -> {
          if (log.leader() == null || member.life() != life) {
            member.run(() -> done.accept(false));
          } else {
            member.whenApplied(
                log.committed(), () -> member.run(() -> done.accept(member.life() == life)));
          }
        });
  }

  void renew(long leaseId, Consumer<Answer> done) {
    new Renew(leaseId, done).route();
  }

  private final class Renew extends Request {
    Renew(long leaseId, Consumer<Answer> done) {
      super(leaseId, done);
    }

    @Override
    void serve(SimMember member, Lessor lessor) {
      attempt(member, lessor, false);
    }

    private void attempt(SimMember member, Lessor lessor, boolean behindBarrier) {
      long received = member.clock();
      if (variant == Variant.CHECKED_BEFORE_RENEWING && !isCertain(member, lessor.term())) {
        retry();
      } else {
        perhapsLater(member, () -> attempt(member, lessor, received, behindBarrier));
      }
    }

    /** Between two steps of a thread anything may happen, a pause of the whole member too. */
    private void perhapsLater(SimMember member, Runnable step) {
      if (world.chance(0.9)) {
        step.run();
        return;
      }
      int life = member.life();
      world.after(
          world.between(0, 30 * World.MILLI),
          () ->
              member.run(
                  () -> {
                    if (member.life() == life) {
                      step.run();
                    } else {
                      retry();
                    }
                  }));
    }

    private void attempt(SimMember member, Lessor lessor, long received, boolean behindBarrier) {
      long answer = lessor.renew(leaseId, received);
      long renewedAt = world.now();
      if (answer > 0) {
        ledger.extended(leaseId);
        perhapsLater(member, () -> acknowledge(member, lessor.term(), renewedAt));
      } else if (answer == Renewal.NOT_FOUND) {
        notFound(member, lessor, behindBarrier);
      } else if (answer == Renewal.SLOW) {
        slowly(member, lessor, received);
      } else {
        retry();
      }
    }

    private void acknowledge(SimMember member, long term, long renewedAt) {
      if (variant == Variant.STALE_LEADER_ACKNOWLEDGES
          || variant == Variant.CHECKED_BEFORE_RENEWING
          || isCertain(member, term)) {
        yes(term, renewedAt);
      } else {
        leaderBarrier(
            member,
            term,
            led -> {
              if (led) {
                yes(term, renewedAt);
              } else {
                retry();
              }
            });
      }
    }

    private void yes(long term, long renewedAt) {
      ledger.saysYes(leaseId, term, renewedAt);
      done.accept(Answer.OK);
    }

    private void notFound(SimMember member, Lessor lessor, boolean behindBarrier) {
      if (variant == Variant.RENEWAL_RESURRECTS) {
        lessorPropose(member, new Command.Grant(leaseId, 5000), lessor.term(), done);
      } else if (behindBarrier || variant == Variant.NOT_FOUND_WITHOUT_BARRIER) {
        done.accept(Answer.GONE);
      } else {
        readBarrier(
            member,
            current -> {
              if (current && member.lessor() == lessor) {
                attempt(member, lessor, true);
              } else {
                retry();
              }
            });
      }
    }

    private void slowly(SimMember member, Lessor lessor, long received) {
      if (variant == Variant.CHECKPOINT_OVERWRITES_RENEWAL && wipeMark(member, received)) {
        ledger.extended(leaseId);
        acknowledge(member, lessor.term(), world.now());
        return;
      }
      long renewedAt = world.now();
      ledger.coverage.count("renewals through the log");
      ledger.goesThroughLog(leaseId);
      lessor.renewSlowly(
          leaseId,
          received,
          new Renewal.Callback() {
            @Override
            public void renewed(long ttlMillis) {
              ledger.coverage.count("clearings acknowledged");
              yes(lessor.term(), renewedAt);
            }

            @Override
            public void notFound() {
              done.accept(Answer.GONE);
            }

            @Override
            public void failed() {
              if (variant == Variant.FAILED_CLEAR_ACKNOWLEDGES) {
                ledger.extended(leaseId);
                done.accept(Answer.OK);
              } else {
                ledger.coverage.count("clearings failed");
                retry();
              }
            }
          });
    }

    private boolean wipeMark(SimMember member, long received) {
      Lease lease = member.machine().leases().get(leaseId);
      if (lease == null || Lease.isEnding(lease.word()) || !Lease.isScheduled(lease.word())) {
        return false;
      }
      lease.schedule(received + lease.ttlNanos(), false);
      return true;
    }
  }

  void revoke(long leaseId, Consumer<Answer> done) {
    revokes.put(leaseId, outcome -> done.accept(answer(outcome)));
    new Request(leaseId, done) {
      @Override
      void serve(SimMember member, Lessor lessor) {
        if (variant == Variant.REVOKE_NOT_MARKED) {
          Command revoke =
              new Command.Revoke(LeaseIds.of(leaseId), RevokeCause.REQUESTED, Command.NOT_FENCED);
          log.propose(member, revoke, lessor.term(), result -> revoked(result, this));
        } else {
          lessor.revoke(leaseId, result -> revoked(result, this));
        }
      }
    }.route();
  }

  private void revoked(ProposalResult result, Request request) {
    if (result instanceof ProposalResult.Applied applied) {
      ledger.coverage.count("revokes acknowledged");
      request.done.accept(answer(applied.outcome()));
    } else if (result instanceof ProposalResult.Rejected) {
      request.retry();
    } else {
      request.done.accept(Answer.FAILED);
    }
  }

  private static Answer answer(Outcome outcome) {
    if (outcome instanceof Outcome.Granted) {
      return Answer.OK;
    }
    return outcome instanceof Outcome.Revoked ended && ended.count() > 0 ? Answer.OK : Answer.GONE;
  }

  void grant(long leaseId, long ttlMillis, Consumer<Answer> done) {
    if (!granted.add(leaseId)) {
      return; // a repeated grant with an ID of the client's choice would make another lease of that
      // ID
    }
    grants.put(leaseId, outcome -> done.accept(answer(outcome)));
    new Request(leaseId, done) {
      @Override
      void serve(SimMember member, Lessor lessor) {
        lessorPropose(member, new Command.Grant(leaseId, ttlMillis), lessor.term(), done);
      }
    }.route();
  }

  /**
   * Proposes at the leader and answers from the member that is first to apply it, as a follower
   * that forwarded it may.
   */
  private void lessorPropose(SimMember member, Command command, long term, Consumer<Answer> done) {
    log.propose(
        member,
        command,
        term,
        result ->
            done.accept(result instanceof ProposalResult.Applied ? Answer.OK : Answer.FAILED));
  }

  void timeToLive(long leaseId, Consumer<Answer> done) {
    new Request(leaseId, done) {
      @Override
      void serve(SimMember member, Lessor lessor) {
        long left = lessor.remainingMillis(leaseId, member.clock());
        long promised = ledger.promisedNanos(leaseId);
        if (left < 0) {
          done.accept(Answer.FAILED);
          return;
        }
        leaderBarrier(
            member,
            lessor.term(),
            led -> {
              if (led) {
                ledger.saysTimeLeft(leaseId, left, promised);
              }
              done.accept(led ? Answer.OK : Answer.FAILED);
            });
      }
    }.route();
  }

  /** Lists the leases behind a read barrier, at any member. */
  void list(SimMember member) {
    long sent = world.now();
    member.run(
        () ->
            readBarrier(
                member,
                current -> {
                  if (current) {
                    ledger.listed(member.machine().leases(), sent);
                  }
                }));
  }
}
