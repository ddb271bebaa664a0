package io.leasehold.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.KeyRefusal;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.Txn;
import io.leasehold.core.lease.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LeaseStateMachineTest {
  private final MemoryStore store = new MemoryStore();
  private final LeaseStateMachine machine = machine(store);

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
    Command checkpoint = new Command.Checkpoint(LeaseIds.of(1), Millis.of(3000), 70_000, 1);
    assertThat(machine.apply(2, checkpoint)).isEqualTo(new Outcome.Fenced(1, 2));
    assertThat(machine.leases().get(1).endMillis()).isZero();
    assertThat(machine.leases().timeMillis()).isZero();
    assertThat(machine.apply(1, checkpoint)).isEqualTo(new Outcome.Checkpointed(1));
    assertThat(machine.leases().get(1).endMillis()).isEqualTo(73_000);
    assertThat(machine.leases().timeMillis()).isEqualTo(70_000);
  }

  @Test
  void leaseTimeNeverGoesBackAndIsPartOfTheState() {
    machine.apply(1, time(5000));
    long hash = machine.stateHash();
    machine.apply(1, time(4000));
    assertThat(machine.leases().timeMillis()).isEqualTo(5000);
    assertThat(machine.stateHash()).isEqualTo(hash);
    machine.apply(1, time(5001));
    assertThat(machine.stateHash()).isNotEqualTo(hash);
    machine.reload();
    assertThat(machine.leases().timeMillis()).isEqualTo(5001);
  }

  @Test
  void checkpointIsOfTheMomentThatItNamesHoweverLateItComes() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, time(9000));
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1), Millis.of(3000), 8000, 1));
    assertThat(machine.leases().get(1).endMillis()).isEqualTo(11_000);
    assertThat(machine.leases().timeMillis()).isEqualTo(9000);
  }

  @Test
  void checkpointThatNamesNoMomentIsOfTheOneOnRecord() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, time(9000));
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1), Millis.of(3000), 0, 1));
    assertThat(machine.leases().get(1).endMillis()).isEqualTo(12_000);
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1), Millis.of(0), 0, 1));
    assertThat(machine.leases().get(1).endMillis()).isZero();
  }

  @Test
  void leasesWithACheckpointAreCounted() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, new Command.Grant(2, 5000));
    assertThat(machine.leases().ageing()).isZero();
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1, 2), Millis.of(1, 1), 0, 1));
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1, 2), Millis.of(1, 1), 0, 1));
    assertThat(machine.leases().ageing()).isEqualTo(2);
    machine.reload();
    assertThat(machine.leases().ageing()).isEqualTo(2);
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1), Millis.of(0), 0, 1));
    assertThat(machine.leases().ageing()).isEqualTo(1);
    machine.apply(1, requested(2));
    assertThat(machine.leases().ageing()).isZero();
  }

  private static Command time(long millis) {
    return new Command.Checkpoint(LeaseIds.of(), Millis.of(), millis, 1);
  }

  @Test
  void checkpointNeverRecordsMoreThanTheTtl() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, new Command.Checkpoint(LeaseIds.of(1), Millis.of(6000), 2000, 1));
    assertThat(machine.leases().get(1).endMillis()).isEqualTo(7000);
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
  void c16_everyEndedLeaseWithKeysUsesOneRevisionInTheOrderOfTheCommand() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, new Command.Grant(2, 5000));
    machine.apply(1, new Command.Grant(3, 5000));
    machine.apply(1, put("b", 1));
    machine.apply(1, put("a", 1));
    machine.apply(1, put("c", 3));
    assertThat(machine.apply(1, requested(3, 2, 9, 1))).isEqualTo(new Outcome.Revoked(3, 6));
    assertThat(machine.revision()).isEqualTo(6);
    List<KeyEvent> events = new ArrayList<>();
    store.keys().forEachEvent(5, 6, events::add);
    assertThat(events).containsExactly(deleted("c", 5), deleted("a", 6), deleted("b", 6));
  }

  @Test
  void c15_revokeOfALeaseWithoutKeysLeavesTheRevision() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, put("k", 0));
    assertThat(machine.apply(1, requested(1))).isEqualTo(new Outcome.Revoked(1, 2));
  }

  @Test
  void c76_transactionAfterTheRevokeOfItsLeaseIsRefused() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, requested(1));
    assertThat(machine.apply(1, put("k", 1))).isEqualTo(refused(KeyRefusal.LEASE_NOT_FOUND, 1));
    machine.apply(1, new Command.Grant(1, 5000));
    assertThat(machine.apply(1, put("k", 1))).isInstanceOf(Outcome.Transacted.class);
  }

  @Test
  void expiryOfAnotherTermDeletesNoKeys() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, put("k", 1));
    machine.apply(2, new Command.Revoke(LeaseIds.of(1), RevokeCause.EXPIRED, 1));
    assertThat(machine.revision()).isEqualTo(2);
    assertThat(store.keys().get(Bytes.utf8("k"), 2)).isNotNull();
  }

  @Test
  void compactionAnswersWhatIsGone() {
    machine.apply(1, put("k", 0));
    machine.apply(1, put("k", 0));
    assertThat(machine.apply(1, new Command.Compact(4)))
        .isEqualTo(refused(KeyRefusal.FUTURE_REVISION, 3));
    assertThat(machine.apply(1, new Command.Compact(2))).isEqualTo(new Outcome.Compacted(2, 3));
    assertThat(machine.apply(1, new Command.Compact(2)))
        .isEqualTo(refused(KeyRefusal.COMPACTED, 3));
  }

  @Test
  void c12_grantUnderNoSpaceLeavesNothingBehind() {
    machine.apply(1, raise(5, Alarm.NO_SPACE));
    long hash = machine.stateHash();
    assertThat(machine.apply(1, new Command.Grant(7, 5000)))
        .isEqualTo(refused(KeyRefusal.NO_SPACE, 1));
    assertThat(machine.leases().get(7)).isNull();
    assertThat(machine.stateHash()).isEqualTo(hash);
    store.forEachLease((id, ttl, end) -> assertThat(id).as("stored lease").isZero());
  }

  @Test
  void c21_underNoSpaceWhatAddsNothingGoesOn() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, put("a", 1));
    machine.apply(1, put("b", 0));
    machine.apply(1, raise(5, Alarm.NO_SPACE));
    assertThat(machine.apply(1, put("c", 0))).isEqualTo(refused(KeyRefusal.NO_SPACE, 3));
    Op nested = new Op.Nested(new Txn(List.of(), List.of(), List.of(putOp("c", 0))));
    assertThat(machine.apply(1, new Command.Transact(Txn.of(nested))))
        .isEqualTo(refused(KeyRefusal.NO_SPACE, 3));
    assertThat(machine.apply(1, requested(1))).isEqualTo(new Outcome.Revoked(1, 4));
    Op delete = new Op.DeleteRange(KeyRange.single(Bytes.utf8("b")), false);
    assertThat(machine.apply(1, new Command.Transact(Txn.of(delete))))
        .isInstanceOf(Outcome.Transacted.class);
    assertThat(machine.apply(1, new Command.Compact(4))).isEqualTo(new Outcome.Compacted(4, 5));
  }

  @Test
  void underCorruptOnlyExpiryGoesOn() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, put("k", 1));
    machine.apply(1, raise(5, Alarm.CORRUPT));
    machine.apply(1, raise(5, Alarm.NO_SPACE));
    Outcome refused = refused(KeyRefusal.CORRUPT, 2);
    assertThat(machine.apply(1, new Command.Grant(2, 5000))).isEqualTo(refused);
    assertThat(machine.apply(1, put("k", 0))).isEqualTo(refused);
    Op range = new Op.Range(RangeQuery.all(KeyRange.single(Bytes.utf8("k"))));
    assertThat(machine.apply(1, new Command.Transact(Txn.of(range)))).isEqualTo(refused);
    assertThat(machine.apply(1, new Command.Compact(2))).isEqualTo(refused);
    assertThat(machine.apply(1, requested(1))).isEqualTo(refused);
    assertThat(machine.apply(1, new Command.Revoke(LeaseIds.of(1), RevokeCause.EXPIRED, 1)))
        .isEqualTo(new Outcome.Revoked(1, 3));
  }

  @Test
  void alarmStandsUntilTheLastMemberThatRaisedItIsHeardOf() {
    assertThat(machine.apply(1, raise(5, Alarm.NO_SPACE))).isEqualTo(new Outcome.AlarmSet(true));
    assertThat(machine.apply(1, raise(5, Alarm.NO_SPACE))).isEqualTo(new Outcome.AlarmSet(false));
    machine.apply(1, raise(-3, Alarm.NO_SPACE));
    machine.apply(1, raise(5, Alarm.CORRUPT));
    assertThat(machine.alarms())
        .containsExactly(
            new AlarmRecord(-3, Alarm.NO_SPACE),
            new AlarmRecord(5, Alarm.NO_SPACE),
            new AlarmRecord(5, Alarm.CORRUPT));
    assertThat(machine.apply(1, new Command.SetAlarm(5, Alarm.CORRUPT, false)))
        .isEqualTo(new Outcome.AlarmSet(true));
    assertThat(machine.apply(1, new Command.SetAlarm(5, Alarm.NO_SPACE, false)))
        .isEqualTo(new Outcome.AlarmSet(true));
    assertThat(machine.apply(1, put("k", 0))).isEqualTo(refused(KeyRefusal.NO_SPACE, 1));
    machine.apply(1, raise(Long.MIN_VALUE, Alarm.NO_SPACE));
    assertThat(machine.apply(1, new Command.SetAlarm(0, Alarm.NO_SPACE, false)))
        .isEqualTo(new Outcome.AlarmSet(true));
    assertThat(machine.apply(1, new Command.SetAlarm(0, Alarm.NO_SPACE, false)))
        .isEqualTo(new Outcome.AlarmSet(false));
    assertThat(machine.apply(1, put("k", 0))).isInstanceOf(Outcome.Transacted.class);
  }

  @Test
  void alarmsAreStateAndCountInTheHash() {
    long calm = machine.stateHash();
    machine.apply(1, raise(5, Alarm.NO_SPACE));
    long raised = machine.stateHash();
    assertThat(raised).isNotEqualTo(calm);
    LeaseStateMachine other = machine(store);
    other.reload();
    assertThat(other.stateHash()).isEqualTo(raised);
    assertThat(other.apply(1, new Command.Grant(1, 5000)))
        .isEqualTo(refused(KeyRefusal.NO_SPACE, 1));
    machine.apply(1, new Command.SetAlarm(5, Alarm.NO_SPACE, false));
    assertThat(machine.stateHash()).isEqualTo(calm);
    other.reload();
    assertThat(other.alarms()).isEmpty();
  }

  @Test
  void keysThatWereThereBeforeAReloadGoWithTheirLease() {
    machine.apply(1, new Command.Grant(1, 5000));
    machine.apply(1, new Command.Grant(2, 5000));
    machine.apply(1, put("a", 1));
    machine.apply(1, put("b", 2));
    LeaseStateMachine other = machine(store.copy());
    other.reload();
    assertThat(other.apply(1, requested(1, 2))).isEqualTo(new Outcome.Revoked(2, 5));
    assertThat(machine.apply(1, requested(1, 2))).isEqualTo(new Outcome.Revoked(2, 5));
    assertThat(other.stateHash()).isEqualTo(machine.stateHash());
  }

  @Test
  void reloadedStateEqualsTheAppliedOne() {
    Random random = new Random(5);
    for (int i = 0; i < 20_000; i++) {
      machine.apply(1, randomCommand(random));
    }
    LeaseStateMachine other = machine(store);
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
    LeaseStateMachine before = machine(otherStore);
    commands.subList(0, 2500).forEach(command -> before.apply(1, command));
    LeaseStateMachine after = machine(otherStore);
    after.reload();
    commands.subList(2500, 5000).forEach(command -> after.apply(1, command));
    assertThat(after.stateHash()).isEqualTo(machine.stateHash());
  }

  private static Command put(String key, long leaseId) {
    return new Command.Transact(Txn.of(putOp(key, leaseId)));
  }

  private static Op putOp(String key, long leaseId) {
    return new Op.Put(Bytes.utf8(key), Bytes.utf8("v"), leaseId, false, false, false);
  }

  private static Command raise(long memberId, Alarm alarm) {
    return new Command.SetAlarm(memberId, alarm, true);
  }

  private static KeyEvent deleted(String key, long revision) {
    return new KeyEvent.Deleted(Bytes.utf8(key), revision);
  }

  private static Outcome refused(KeyRefusal why, long revision) {
    return new Outcome.KeysRefused(why, revision);
  }

  private static LeaseStateMachine machine(MemoryStore store) {
    return new LeaseStateMachine(store, store.keys(), new Deaf(), KeyListener.NONE);
  }

  private static Command randomCommand(Random random) {
    long id = random.nextInt(500) + 1L;
    return switch (random.nextInt(4)) {
      case 0, 1 -> new Command.Grant(id, 1000 + random.nextInt(100_000));
      case 2 -> requested(id, id + 1);
      default ->
          random.nextInt(10) == 0
              ? new Command.RegisterMember("n" + id % 5, "id" + id % 3, List.of(), id % 2 == 0)
              : new Command.Checkpoint(
                  LeaseIds.of(id), Millis.of(random.nextInt(2000)), random.nextInt(1000), 1);
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
