package io.leasehold.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemoryStore;
import io.leasehold.core.state.StateStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * The real state machine on some store against {@link NaiveMachine}, under random commands. For
 * every implementation of {@link KeyStore} to be run on.
 */
public final class KeyModelRun {
  private static final KeyRange ALL = KeyRange.prefix(Bytes.EMPTY);
  private static final int COMMANDS_BETWEEN_COMMITS_MAX = 20;

  /** The store that is tested, with the state that goes with it. */
  public interface TestedStore {
    StateStore state();

    KeyStore keys();

    /** Ends a batch of commands: what was written is for readers to see. */
    void commit();

    /** Returns what readers see. Only asked for right after {@link #commit}. */
    KeyView committed();
  }

  private final TestedStore tested;
  private final Random random;
  private final RandomCommands commands;
  private final NaiveMachine naive = new NaiveMachine();
  private final MemoryStore otherStore = new MemoryStore();
  private final LeaseStateMachine other =
      new LeaseStateMachine(otherStore, otherStore.keys(), new Deaf(), KeyListener.NONE);
  private final Heard heard = new Heard();
  private LeaseStateMachine machine;
  private int sinceCommit;

  /**
   * @param store an empty one
   */
  public KeyModelRun(long seed, TestedStore store) {
    this.tested = store;
    this.random = new Random(seed);
    this.commands = new RandomCommands(random);
    this.machine = newMachine();
  }

  /** Applies commands and checks everything after each of them. */
  public void run(int count) {
    for (int i = 0; i < count; i++) {
      Command command = commands.next(naive.revision());
      try {
        apply(command);
        sinceCommit++;
        if (sinceCommit > random.nextInt(COMMANDS_BETWEEN_COMMITS_MAX) || i == count - 1) {
          commit();
        }
        if (random.nextInt(20) == 0) {
          apply(RandomCommands.calm(Alarm.NO_SPACE));
          apply(RandomCommands.calm(Alarm.CORRUPT));
        }
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("command " + (i + 1) + ", " + command, e);
      }
    }
  }

  private LeaseStateMachine newMachine() {
    LeaseStateMachine fresh =
        new LeaseStateMachine(tested.state(), tested.keys(), new Deaf(), heard);
    fresh.reload();
    return fresh;
  }

  private void apply(Command command) {
    long hashBefore = machine.stateHash();
    long revisionBefore = naive.revision();
    Outcome expected = naive.apply(command);
    assertThat(machine.apply(RandomCommands.TERM, command)).isEqualTo(expected);
    assertThat(other.apply(RandomCommands.TERM, command)).isEqualTo(expected);
    assertThat(machine.stateHash()).as("hash").isEqualTo(other.stateHash());
    boolean mustLeaveNoTrace =
        expected instanceof Outcome.KeysRefused
            || (expected instanceof Outcome.Transacted && naive.revision() == revisionBefore);
    if (mustLeaveNoTrace) {
      assertThat(machine.stateHash()).as("hash after nothing").isEqualTo(hashBefore);
    } else if (naive.revision() > revisionBefore) {
      assertThat(machine.stateHash()).as("hash after a change").isNotEqualTo(hashBefore);
    }
    checkNewest(tested.keys().pending());
  }

  private void checkNewest(KeyView view) {
    long revision = naive.revision();
    assertThat(machine.revision()).isEqualTo(revision);
    assertThat(view.revision()).isEqualTo(revision);
    assertThat(view.compactedRevision()).isEqualTo(naive.compactedRevision());
    assertThat(keys(view, ALL, revision)).isEqualTo(naive.at(ALL, revision));
    assertThat(machine.leases().size()).isEqualTo(naive.leases.size());
    assertThat(machine.alarms()).isEqualTo(naive.alarms());
    for (long leaseId : RandomCommands.LEASES) {
      List<Bytes> attached = new ArrayList<>();
      view.forEachAttached(leaseId, attached::add);
      assertThat(attached).as("keys of %d", leaseId).isEqualTo(naive.attached(leaseId));
    }
    checkQuery(view, commands.query(revision));
    Txn txn = commands.readOnlyTxn(revision);
    assertThat(KeySpace.read(view, txn, AnswerBudget.UNBOUNDED)).isEqualTo(naive.answer(txn));
  }

  private void checkQuery(KeyView view, RangeQuery query) {
    KeyRefusal refusal = naive.refusal(query);
    assertThat(RangeQueries.refusal(view, query)).isEqualTo(refusal);
    if (refusal == null) {
      assertThat(RangeQueries.answer(view, query, AnswerBudget.UNBOUNDED))
          .as("%s", query)
          .isEqualTo(naive.range(query));
    }
  }

  private void commit() {
    sinceCommit = 0;
    tested.commit();
    KeyView view = tested.committed();
    checkNewest(view);
    long oldest = Math.max(1, naive.compactedRevision());
    for (long revision = oldest; revision <= naive.revision(); revision++) {
      assertThat(keys(view, ALL, revision)).isEqualTo(naive.at(ALL, revision));
      KeyRange range = commands.range();
      if (!range.isEmpty()) {
        assertThat(keys(view, range, revision)).isEqualTo(naive.at(range, revision));
        assertThat(view.count(range, revision)).isEqualTo(naive.at(range, revision).size());
      }
      Bytes key = RandomCommands.KEYS.get(random.nextInt(RandomCommands.KEYS.size()));
      KeyValue keyValue = view.get(key, revision);
      assertThat(keyValue == null ? List.of() : List.of(keyValue))
          .isEqualTo(naive.at(KeyRange.single(key), revision));
    }
    checkEvents(view, oldest);
    if (random.nextInt(10) == 0) {
      long hash = machine.stateHash();
      machine = newMachine();
      assertThat(machine.stateHash()).as("hash after a restart").isEqualTo(hash);
    }
  }

  private void checkEvents(KeyView view, long oldest) {
    List<KeyEvent> all = new ArrayList<>();
    view.forEachEvent(oldest, naive.revision(), all::add);
    assertThat(all).isEqualTo(heard.events.stream().filter(e -> e.revision() >= oldest).toList());
    Map<Long, List<KeyEvent>> changes =
        heard.events.stream()
            .sorted(Comparator.comparing(KeyEvent::key))
            .collect(Collectors.groupingBy(KeyEvent::revision));
    for (long revision = 2; revision <= naive.revision(); revision++) {
      assertThat(changes.get(revision)).isEqualTo(naive.events(revision));
    }
    assertThat(heard.compactedRevision).isEqualTo(naive.compactedRevision());
    long from = oldest + random.nextLong(naive.revision() - oldest + 1);
    List<KeyEvent> some = new ArrayList<>();
    view.forEachEvent(from, from, some::add);
    assertThat(some).isEqualTo(all.stream().filter(e -> e.revision() == from).toList());
  }

  private static List<KeyValue> keys(KeyView view, KeyRange range, long revision) {
    List<KeyValue> found = new ArrayList<>();
    view.forEach(range, revision, found::add);
    return found;
  }

  private static final class Heard implements KeyListener {
    private final List<KeyEvent> events = new ArrayList<>();
    private long revision = 1;
    private long compactedRevision;

    @Override
    public void changed(long changedRevision, List<KeyEvent> changes) {
      assertThat(changedRevision).isEqualTo(revision + 1);
      assertThat(changes).isNotEmpty().allMatch(event -> event.revision() == changedRevision);
      revision = changedRevision;
      events.addAll(changes);
    }

    @Override
    public void compacted(long toRevision) {
      assertThat(toRevision).isGreaterThan(compactedRevision);
      compactedRevision = toRevision;
    }
  }

  private static final class Deaf implements LeaseListener {
    @Override
    public void granted(Lease lease) {}

    @Override
    public void revoked(List<Lease> leases) {}

    @Override
    public void checkpointed(List<Lease> leases) {}
  }
}
