package io.leasehold.raft.propose;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.log.ProposalResult.Rejection;
import io.leasehold.raft.codec.CorruptEntryException;
import io.leasehold.raft.codec.EntryCodec;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps what was appended, in order, until the test decides what becomes of it. Any thread. */
final class FakeEntryLog implements EntryLog {
  record Appended(long index, long term, List<Command> commands, Callback done) {
    /** Applies the entry: a grant answers with its own ID. */
    void apply() {
      List<Outcome> outcomes = new ArrayList<>();
      for (Command command : commands) {
        outcomes.add(
            command instanceof Command.Grant grant
                ? new Outcome.Granted(grant.leaseId(), grant.ttlMillis())
                : new Outcome.Revoked(0, 1));
      }
      done.applied(index, outcomes);
    }
  }

  final List<Appended> history = new ArrayList<>();
  private final Deque<Appended> open = new ArrayDeque<>();
  private boolean answersAtOnce;
  private boolean throwsNext;

  synchronized void answerAtOnce() {
    answersAtOnce = true;
  }

  synchronized void throwNext() {
    throwsNext = true;
  }

  @Override
  public void append(ByteBuffer entry, long term, Callback done) {
    Appended appended;
    boolean now;
    synchronized (this) {
      if (throwsNext) {
        throwsNext = false;
        throw new IllegalStateException("the log is broken");
      }
      appended = new Appended(history.size() + 1, term, decode(entry), done);
      history.add(appended);
      now = answersAtOnce;
      if (!now) {
        open.add(appended);
      }
    }
    if (now) {
      appended.apply();
    }
  }

  /** Takes the oldest entry that has no answer yet. */
  synchronized Appended next() {
    return open.remove();
  }

  synchronized boolean hasNext() {
    return !open.isEmpty();
  }

  synchronized int open() {
    return open.size();
  }

  /** Takes the oldest entry that has no answer yet, or null. */
  synchronized @Nullable Appended poll() {
    return open.poll();
  }

  void applyAll() {
    for (Appended entry = poll(); entry != null; entry = poll()) {
      entry.apply();
    }
  }

  void rejectAll(Rejection reason) {
    for (Appended entry = poll(); entry != null; entry = poll()) {
      entry.done().rejected(reason);
    }
  }

  private static List<Command> decode(ByteBuffer entry) {
    try {
      return EntryCodec.decode(entry);
    } catch (CorruptEntryException e) {
      throw new AssertionError(e);
    }
  }
}
