package io.leasehold.core.sim;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * A model of the replicated log: one leader and term at a time, entries committed in order after a
 * delay, some of the uncommitted ones lost when the leader changes, and proposers left in doubt
 * about the rest.
 */
final class SimLog {
  /** An entry. {@code proposerTerm} is the term whose lessor decided it, 0 when it holds in any. */
  static final class Entry {
    final long index;
    final long term;
    final long proposerTerm;
    final Command command;
    final SimMember proposer;
    final int proposerLife;
    final CommandLog.Callback callback;
    boolean answered;

    /** What applying it answered, once any member has. */
    Outcome outcome;

    Entry(
        long index,
        long term,
        long proposerTerm,
        Command command,
        SimMember proposer,
        CommandLog.Callback callback) {
      this.index = index;
      this.term = term;
      this.proposerTerm = proposerTerm;
      this.command = command;
      this.proposer = proposer;
      this.proposerLife = proposer.life();
      this.callback = callback;
    }
  }

  private final World world;
  private final Variant variant;
  private final List<Entry> entries = new ArrayList<>();
  private long committed;
  private long term;
  private SimMember leader;
  private final boolean forwardsStale;
  private final List<Long> electedAt = new ArrayList<>(List.of(0L));
  private long standsStillUntil;
  private Runnable committedMore = () -> {};
  private Consumer<Entry> appended = entry -> {};
  int unknownButCommitted;

  SimLog(World world, Variant variant) {
    this.world = world;
    this.variant = variant;
    // In some runs the log is one that forwards what a deposed leader decided: the fence must hold
    // by itself.
    this.forwardsStale = world.chance(0.3);
  }

  void onCommit(Runnable listener) {
    committedMore = listener;
  }

  void onAppend(Consumer<Entry> listener) {
    appended = listener;
  }

  long term() {
    return term;
  }

  SimMember leader() {
    return leader;
  }

  long committed() {
    return committed;
  }

  long last() {
    return entries.size();
  }

  Entry entry(long index) {
    return entries.get((int) index - 1);
  }

  boolean leads(SimMember member, long atTerm) {
    return leader == member && term == atTerm;
  }

  /** Tells whether a term after {@code atTerm} had begun at a true time. */
  boolean wasOver(long atTerm, long atNanos) {
    return term > atTerm && electedAt.get((int) atTerm + 1) <= atNanos;
  }

  /** Commits nothing for a while, as with a slow disk or a leader cut off from the others. */
  void standStill(long untilNanos) {
    standsStillUntil = untilNanos;
  }

  boolean standsStill() {
    return world.now() < standsStillUntil;
  }

  void propose(SimMember proposer, Command command, long atTerm, CommandLog.Callback callback) {
    boolean fencedCommand = command instanceof Command.Checkpoint || isExpiry(command);
    long proposerTerm = fencedCommand ? atTerm : 0;
    boolean forwarded = variant == Variant.EXPIRY_NOT_FENCED && isExpiry(command);
    if (!leads(proposer, atTerm) && !(forwarded && leader != null)) {
      boolean inDoubt = fencedCommand && forwardsStale && leader != null;
      if (inDoubt) {
        append(command, proposerTerm, proposer, result -> {});
      }
      refuse(proposer, inDoubt, callback);
      return;
    }
    if (world.chance(0.01)) {
      callback.complete(new ProposalResult.Rejected(ProposalResult.Rejection.OVERLOADED));
      return;
    }
    Command written = command;
    if (forwarded) {
      Command.Revoke revoke = (Command.Revoke) command;
      written = new Command.Revoke(revoke.leaseIds(), revoke.cause(), term);
    }
    append(written, proposerTerm, proposer, callback);
  }

  private void append(
      Command command, long proposerTerm, SimMember proposer, CommandLog.Callback callback) {
    Entry entry = new Entry(entries.size() + 1, term, proposerTerm, command, proposer, callback);
    entries.add(entry);
    appended.accept(entry);
    long inTerm = term;
    world.after(
        world.between(World.MILLI, 25 * World.MILLI), () -> commitUpTo(entry.index, inTerm));
  }

  /** A deposed leader may be told at once, or be left in doubt. */
  private void refuse(SimMember proposer, boolean inDoubt, CommandLog.Callback callback) {
    int life = proposer.life();
    ProposalResult result =
        !inDoubt && world.chance(0.5)
            ? new ProposalResult.Rejected(ProposalResult.Rejection.NOT_LEADER)
            : new ProposalResult.Unknown("leader changed");
    world.after(
        world.chance(0.1)
            ? world.between(0, 3 * World.SECOND)
            : world.between(0, 200 * World.MILLI),
        () ->
            proposer.run(
                () -> {
                  if (proposer.life() == life) {
                    callback.complete(result);
                  }
                }));
  }

  private void commitUpTo(long index, long inTerm) {
    if (inTerm != term || index <= committed) {
      return;
    }
    if (leader == null || leader.isPaused() || standsStill()) {
      world.after(20 * World.MILLI, () -> commitUpTo(index, inTerm));
      return;
    }
    committed = index;
    committedMore.run();
  }

  /**
   * Begins a term. Some of the uncommitted entries survive, in their order; whoever proposed any of
   * them is left in doubt.
   */
  void elect(SimMember elected) {
    long survivors = committed + world.random.nextInt((int) (last() - committed) + 1);
    for (long i = committed + 1; i <= last(); i++) {
      Entry entry = entry(i);
      entry.answered = true;
      if (i <= survivors) {
        unknownButCommitted++;
      }
      world.after(
          world.between(0, 500 * World.MILLI),
          () ->
              entry.proposer.run(
                  () -> {
                    if (entry.proposer.life() == entry.proposerLife) {
                      entry.callback.complete(new ProposalResult.Unknown("leader changed"));
                    }
                  }));
    }
    while (last() > survivors) {
      entries.remove(entries.size() - 1);
    }
    term++;
    electedAt.add(world.now());
    standsStillUntil = 0;
    leader = elected;
    committed = survivors;
    committedMore.run();
  }

  void noLeader() {
    leader = null;
  }

  static boolean isExpiry(Command command) {
    return command instanceof Command.Revoke revoke
        && revoke.cause() == io.leasehold.core.command.RevokeCause.EXPIRED;
  }
}
