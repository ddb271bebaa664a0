package io.leasehold.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeaseStateMachineTest {
  private final MemoryStore store = new MemoryStore();
  private final LeaseStateMachine machine = new LeaseStateMachine(store, new Deaf());

  @Test
  void grantCreatesALease() {
    assertThat(machine.apply(1, new Command.Grant(7, 5000)))
        .isEqualTo(new Outcome.Granted(7, 5000));
    assertThat(machine.leases().get(7)).isNotNull();
  }

  @Test
  void duplicateGrantLeavesTheFirstLeaseAlone() {
    machine.apply(1, new Command.Grant(7, 5000));
    long hash = machine.stateHash();
    assertThat(machine.apply(1, new Command.Grant(7, 9000))).isEqualTo(new Outcome.LeaseExists(7));
    assertThat(machine.stateHash()).isEqualTo(hash);
    assertThat(machine.leases().get(7).ttlMillis()).isEqualTo(5000);
  }

  @Test
  void revokeEndsTheNamedLeasesAndPassesOverUnknownOnes() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, new Command.Grant(2, 5000));
    Lease kept = machine.leases().get(1);
    assertThat(machine.apply(1, requested(1, 2, 3))).isEqualTo(new Outcome.Revoked(2, 1));
    assertThat(machine.leases().size()).isZero();
    assertThat(Lease.isGone(kept.word())).isTrue();
    assertThat(machine.apply(1, requested(1))).isEqualTo(new Outcome.Revoked(0, 1));
  }

  @Test
  void expiryDecidedInAnotherTermEndsNothing() {
    machine.apply(1, new Command.Grant(1, 5000));
    long hash = machine.stateHash();
    Command expiry = new Command.Revoke(LeaseIds.of(1), RevokeCause.EXPIRED, 1);
    assertThat(machine.apply(2, expiry)).isEqualTo(new Outcome.Fenced(1, 2));
    assertThat(machine.stateHash()).isEqualTo(hash);
    assertThat(machine.apply(1, expiry)).isEqualTo(new Outcome.Revoked(1, 1));
  }

  @Test
  void checkpointOfAnotherTermRecordsNothing() {
    machine.apply(1, new Command.Grant(1, 5000));
    Command checkpoint = new Command.Checkpoint(LeaseIds.of(1), Millis.of(3000), 1);
    assertThat(machine.apply(2, checkpoint)).isEqualTo(new Outcome.Fenced(1, 2));
    assertThat(machine.leases().get(1).remainingMillis()).isZero();
    assertThat(machine.apply(1, checkpoint)).isEqualTo(new Outcome.Checkpointed(1));
    assertThat(machine.leases().get(1).remainingMillis()).isEqualTo(3000);
  }

  @Test
  void checkpointNeverRecordsMoreThanTheTtl() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1), Millis.of(6000), 1));
    assertThat(machine.leases().get(1).remainingMillis()).isEqualTo(5000);
  }

  @Test
  void memberKeepsItsIdentityUnlessReplaced() {
    machine.apply(1, new Command.RegisterMember("n1", "a", List.of("http://x"), false));
    assertThat(machine.apply(1, new Command.RegisterMember("n1", "b", List.of(), false)))
        .isEqualTo(new Outcome.MemberConflict("n1", "a"));
    assertThat(machine.apply(1, new Command.RegisterMember("n1", "b", List.of(), true)))
        .isEqualTo(new Outcome.MemberRegistered("n1"));
    assertThat(machine.members()).containsExactly(new MemberRecord("n1", "b", List.of()));
  }

  @Test
  void reloadedStateEqualsTheAppliedOne() {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      machine.apply(1, randomCommand(random));
    }
    LeaseStateMachine other = new LeaseStateMachine(store, new Deaf());
    other.reload();
    assertThat(other.stateHash()).isEqualTo(machine.stateHash());
    assertThat(other.leases().size()).isEqualTo(machine.leases().size());
    assertThat(other.members()).isEqualTo(machine.members());
  }

  @Test
  void snapshotAndSuffixEqualTheWhole() {
    List<Command> commands = new ArrayList<>();
    Random random = new Random(6);
    for (int i = 0; i < 5000; i++) {
      commands.add(randomCommand(random));
    }
    commands.forEach(command -> machine.apply(1, command));
    MemoryStore otherStore = new MemoryStore();
    LeaseStateMachine before = new LeaseStateMachine(otherStore, new Deaf());
    commands.subList(0, 2500).forEach(command -> before.apply(1, command));
    LeaseStateMachine after = new LeaseStateMachine(otherStore, new Deaf());
    after.reload();
    commands.subList(2500, 5000).forEach(command -> after.apply(1, command));
    assertThat(after.stateHash()).isEqualTo(machine.stateHash());
  }

  private static Command randomCommand(Random random) {
    long id = random.nextInt(500) + 1L;
    return switch (random.nextInt(4)) {
      case 0, 1 -> new Command.Grant(id, 1000 + random.nextInt(100_000));
      case 2 -> requested(id, id + 1);
      default ->
          random.nextInt(10) == 0
              ? new Command.RegisterMember("n" + id % 5, "id" + id % 3, List.of(), id % 2 == 0)
              : new Command.Checkpoint(LeaseIds.of(id), Millis.of(random.nextInt(2000)), 1);
    };
  }

  private static Command.Revoke requested(long... ids) {
    return new Command.Revoke(LeaseIds.of(ids), RevokeCause.REQUESTED, Command.NOT_FENCED);
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
