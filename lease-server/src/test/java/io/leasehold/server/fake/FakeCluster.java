package io.leasehold.server.fake;

import io.leasehold.core.command.Command;
import io.leasehold.core.log.CommandLog;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.log.ProposalResult.Rejection;
import io.leasehold.core.time.NanoClock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replicas over one list of committed entries. The test decides who leads, whether entries commit,
 * and whether proposals get lost.
 */
public final class FakeCluster implements AutoCloseable {
  record Entry(long term, Command command) {}

  /** What happens to proposals. */
  public enum Commits {
    AT_ONCE,
    /** They wait until the mode changes. */
    HELD,
    /** They take effect, but the proposer is told that nobody knows. */
    UNKNOWN_APPLIED,
    /** They do not take effect, and the proposer is told that nobody knows. */
    UNKNOWN_LOST
  }

  private record Held(Command command, long term, FakeReplica proposer, CommandLog.Callback done) {}

  final NanoClock clock;
  final long electionTimeoutNanos;
  private final Map<String, FakeReplica> replicas = new LinkedHashMap<>();
  private final List<Entry> log = new ArrayList<>();
  private final List<Held> held = new ArrayList<>();
  private Commits commits = Commits.AT_ONCE;
  private long term;
  private @Nullable String leader;

  public FakeCluster(NanoClock clock, long electionTimeoutNanos, String... names) {
    this.clock = clock;
    this.electionTimeoutNanos = electionTimeoutNanos;
    for (String name : names) {
      replicas.put(name, new FakeReplica(this, name));
    }
  }

  public FakeReplica replica(String name) {
    return replicas.get(name);
  }

  /** Begins a term under this leader, or under none. */
  public synchronized void elect(@Nullable String name) {
    term++;
    leader = name;
    held.removeIf(
        proposal -> {
          proposal.done().complete(new ProposalResult.Unknown("the leader changed"));
          return true;
        });
    replicas.values().forEach(replica -> replica.termBegan(term, name));
  }

  public synchronized void commits(Commits mode) {
    commits = mode;
    List<Held> now = List.copyOf(held);
    held.clear();
    now.forEach(p -> propose(p.command(), p.term(), p.proposer(), p.done()));
  }

  synchronized void propose(
      Command command, long inTerm, FakeReplica proposer, CommandLog.Callback done) {
    if (inTerm != term || !proposer.name().equals(leader)) {
      done.complete(new ProposalResult.Rejected(Rejection.NOT_LEADER));
      return;
    }
    switch (commits) {
      case HELD -> held.add(new Held(command, inTerm, proposer, done));
      case UNKNOWN_LOST -> done.complete(new ProposalResult.Unknown("a test said so"));
      case UNKNOWN_APPLIED -> {
        log.add(new Entry(inTerm, command));
        done.complete(new ProposalResult.Unknown("a test said so"));
        replicas.values().forEach(FakeReplica::applySoon);
      }
      case AT_ONCE -> {
        log.add(new Entry(inTerm, command));
        proposer.whenOutcome(log.size(), done);
        replicas.values().forEach(FakeReplica::applySoon);
      }
    }
  }

  synchronized boolean leads(String name, long inTerm) {
    return inTerm == term && name.equals(leader);
  }

  synchronized boolean hasLeader() {
    return leader != null;
  }

  synchronized int committed() {
    return log.size();
  }

  synchronized @Nullable Entry entry(long index) {
    return index <= log.size() ? log.get((int) index - 1) : null;
  }

  List<String> names() {
    return List.copyOf(replicas.keySet());
  }

  @Override
  public void close() {
    replicas.values().forEach(FakeReplica::close);
  }
}
