package io.leasehold.raft.propose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.core.log.ProposalResult.Applied;
import io.leasehold.core.log.ProposalResult.Rejected;
import io.leasehold.core.log.ProposalResult.Rejection;
import io.leasehold.core.log.ProposalResult.Unknown;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class ProposalBatcherTest {
  private final FakeEntryLog log = new FakeEntryLog();
  private final ProposalBatcher batcher = new ProposalBatcher(log);
  private final List<ProposalResult> results = new ArrayList<>();

  private void grant(long leaseId, long term) {
    batcher.propose(new Command.Grant(leaseId, 2_000), term, results::add);
  }

  private void grants(int count, long term) {
    IntStream.rangeClosed(1, count).forEach(id -> grant(id, term));
  }

  private static Command revoke(int ids) {
    return new Command.Revoke(
        LeaseIds.of(LongStream.rangeClosed(1, ids).toArray()), RevokeCause.EXPIRED, 1);
  }

  private List<Integer> sizes() {
    return log.history.stream().map(entry -> entry.commands().size()).toList();
  }

  @Test
  void aSingleSequentialProposerSeesOneAppendEachAtOnce() {
    for (int i = 1; i <= 10; i++) {
      grant(i, 1);
      assertThat(log.open()).isEqualTo(1);
      log.next().apply();
      assertThat(results).last().isEqualTo(new Applied(i, new Outcome.Granted(i, 2_000)));
    }
    assertThat(sizes()).hasSize(10).containsOnly(1);
  }

  @Test
  void whileEntriesAreUnderWayCommandsGatherForTheNext() {
    grants(40, 1);
    assertThat(sizes()).containsExactly(1, 1);
    assertThat(batcher.queued()).isEqualTo(38);
    log.next().apply();
    assertThat(sizes()).containsExactly(1, 1, 38);
    log.applyAll();
    assertThat(results).hasSize(40).allMatch(Applied.class::isInstance);
    assertThat(batcher.queued()).isZero();
    assertThat(batcher.inFlight()).isZero();
  }

  @Test
  void aFullEntryIsNotHeldBack() {
    grants(2 + ProposalBatcher.ENTRY_WEIGHT_MAX, 1);
    assertThat(sizes()).containsExactly(1, 1, ProposalBatcher.ENTRY_WEIGHT_MAX);
  }

  @Test
  void longListsOfIdsFillAnEntryByTheirSize() {
    grants(2, 1);
    for (int i = 0; i < 10; i++) {
      batcher.propose(revoke(1_000), 1, results::add);
    }
    log.applyAll();
    assertThat(sizes()).allMatch(size -> size <= 4).contains(4);
    assertThat(results).hasSize(12).allMatch(Applied.class::isInstance);
  }

  @Test
  void aCommandLargerThanAnEntryGoesAlone() {
    grants(2, 1);
    batcher.propose(revoke(Command.IDS_MAX), 1, results::add);
    batcher.propose(revoke(Command.IDS_MAX), 1, results::add);
    log.applyAll();
    assertThat(sizes()).containsExactly(1, 1, 1, 1);
  }

  private static Command put(int valueBytes) {
    return new Command.Transact(
        Txn.of(
            new Op.Put(Bytes.utf8("k"), Bytes.wrap(new byte[valueBytes]), 0, false, false, false)));
  }

  private void puts(int count, int valueBytes) {
    for (int i = 0; i < count; i++) {
      batcher.propose(put(valueBytes), 1, results::add);
    }
  }

  @Test
  void smallPutsShareAnEntryAndLargeOnesFillItByTheirSize() {
    grants(2, 1);
    puts(ProposalBatcher.ENTRY_WEIGHT_MAX, 128);
    puts(12, 16 * 1024);
    log.applyAll();
    assertThat(sizes()).startsWith(1, 1, ProposalBatcher.ENTRY_WEIGHT_MAX);
    assertThat(sizes().subList(3, sizes().size())).contains(3).allMatch(size -> size <= 3);
    assertThat(results).hasSize(78).allMatch(Applied.class::isInstance);
  }

  @Test
  void theLongestRequestPassesAloneAndFewAreUnderWay() {
    int longest = 3 << 19;
    grants(2, 1);
    puts(20, longest);
    long underWay = (log.open() - 2) * (long) longest;
    assertThat(underWay).isLessThan(ProposalBatcher.IN_FLIGHT_BYTES_MAX + longest);
    log.applyAll();
    assertThat(sizes()).hasSize(22).containsOnly(1);
    assertThat(results).hasSize(22).allMatch(Applied.class::isInstance);
  }

  @Test
  void transactionsWithManyOperationsCountForMore() {
    Op put = new Op.Put(Bytes.EMPTY, Bytes.EMPTY, 0, false, false, false);
    List<Op> many = Collections.nCopies(128, put);
    Txn nested = Txn.of(new Op.Nested(new Txn(List.of(), many, List.of())));
    assertThat(CommandSize.of(put(0)).weight()).isEqualTo(1);
    assertThat(CommandSize.of(new Command.Transact(nested)).weight()).isEqualTo(3);
    assertThat(CommandSize.of(new Command.Transact(nested)).bytes()).isGreaterThan(128 * 16);
  }

  @Test
  void commandsOfDifferentTermsNeverShareAnEntry() {
    grants(2, 1);
    grant(3, 1);
    grant(4, 2);
    grant(5, 2);
    grant(6, 1);
    log.applyAll();
    assertThat(log.history)
        .allSatisfy(
            entry ->
                assertThat(entry.commands())
                    .allMatch(
                        command ->
                            (entry.term() == 2) == (ids(command) == 4 || ids(command) == 5)));
    assertThat(results).hasSize(6).allMatch(Applied.class::isInstance);
  }

  @Test
  void entriesUnderWayAreBoundedInNumber() {
    grants(ProposalBatcher.IN_FLIGHT_MAX * ProposalBatcher.ENTRY_WEIGHT_MAX * 2, 1);
    assertThat(log.open()).isEqualTo(ProposalBatcher.IN_FLIGHT_MAX);
    log.next().apply();
    assertThat(log.open()).isEqualTo(ProposalBatcher.IN_FLIGHT_MAX);
    log.applyAll();
    assertThat(results).hasSize(ProposalBatcher.IN_FLIGHT_MAX * 128);
  }

  @Test
  void entriesUnderWayAreBoundedInBytes() {
    for (int i = 0; i < 200; i++) {
      batcher.propose(revoke(Command.IDS_MAX), 1, results::add);
    }
    assertThat(log.open() * (long) Command.IDS_MAX * 8)
        .isLessThan(ProposalBatcher.IN_FLIGHT_BYTES_MAX);
    log.applyAll();
    assertThat(results).hasSize(200).allMatch(Applied.class::isInstance);
  }

  @Test
  void beyondTheQueueProposalsAreRefusedAsOverload() {
    int waiting = ProposalBatcher.QUEUE_MAX;
    int underWay = 2 + (ProposalBatcher.IN_FLIGHT_MAX - 2) * ProposalBatcher.ENTRY_WEIGHT_MAX;
    grants(waiting + underWay, 1);
    assertThat(results).isEmpty();
    grant(-1, 1);
    assertThat(results).containsExactly(new Rejected(Rejection.OVERLOADED));
    log.applyAll();
    assertThat(results).hasSize(1 + waiting + underWay);
    assertThat(batcher.queued()).isZero();
    grant(-2, 1);
    log.applyAll();
    assertThat(results).last().isInstanceOf(Applied.class);
  }

  @Test
  void theQueueIsBoundedInBytesToo() {
    int proposed = 0;
    while (results.isEmpty()) {
      batcher.propose(revoke(Command.IDS_MAX), 1, results::add);
      proposed++;
    }
    assertThat(results).containsExactly(new Rejected(Rejection.OVERLOADED));
    assertThat(proposed).isLessThan(2_000);
    log.applyAll();
    assertThat(results).hasSize(proposed);
  }

  @Test
  void whatTheLogRejectsOrDoesNotKnowIsToldToEachProposer() {
    grants(3, 1);
    log.next().done().rejected(Rejection.NOT_LEADER);
    assertThat(results).containsExactly(new Rejected(Rejection.NOT_LEADER));
    log.next().done().unknown("lost");
    log.next().done().unknown("lost");
    assertThat(results)
        .containsExactly(
            new Rejected(Rejection.NOT_LEADER), new Unknown("lost"), new Unknown("lost"));
    assertThat(batcher.inFlight()).isZero();
  }

  @Test
  void aLogThatThrowsLeavesTheOutcomeUnknownAndTheBatcherAtWork() {
    log.throwNext();
    grant(1, 1);
    assertThat(results).singleElement().isInstanceOf(Unknown.class);
    grant(2, 1);
    log.applyAll();
    assertThat(results).hasSize(2).last().isInstanceOf(Applied.class);
  }

  @Test
  void aLogThatAnswersTwiceIsHeardOnce() {
    grant(1, 1);
    FakeEntryLog.Appended entry = log.next();
    entry.apply();
    entry.apply();
    entry.done().unknown("late");
    entry.done().rejected(Rejection.OVERLOADED);
    assertThat(results).hasSize(1);
    assertThat(batcher.inFlight()).isZero();
  }

  @Test
  void aLogThatAnswersForAnotherNumberOfCommandsIsABugThatLeavesNobodyWaiting() {
    grant(1, 1);
    FakeEntryLog.Appended entry = log.next();
    assertThatThrownBy(() -> entry.done().applied(1, List.of()))
        .isInstanceOf(IllegalStateException.class);
    assertThat(results).singleElement().isInstanceOf(Unknown.class);
  }

  @Test
  void aCallbackThatThrowsHarmsNobodyElse() {
    grants(2, 1);
    batcher.propose(
        new Command.Grant(3, 2_000),
        1,
        result -> {
          throw new IllegalStateException("a proposer's bug");
        });
    grant(4, 1);
    log.applyAll();
    assertThat(results).hasSize(3).allMatch(Applied.class::isInstance);
  }

  @Test
  void closingRefusesWhatWasNotAppendedAndLeavesTheRestToTheLog() {
    grants(5, 1);
    batcher.close();
    assertThat(results).hasSize(3).containsOnly(new Rejected(Rejection.STOPPING));
    grant(6, 1);
    assertThat(results).hasSize(4).containsOnly(new Rejected(Rejection.STOPPING));
    log.applyAll();
    assertThat(results).hasSize(6);
    assertThat(log.history).hasSize(2);
  }

  @Test
  void aCallbackMayProposeAgain() {
    log.answerAtOnce();
    class Chain {
      int left = 20_000;

      void step(ProposalResult result) {
        results.add(result);
        if (left-- > 0) {
          batcher.propose(new Command.Grant(1 + left, 2_000), 1, this::step);
        }
      }
    }
    Chain chain = new Chain();
    batcher.propose(new Command.Grant(1, 2_000), 1, chain::step);
    assertThat(results).hasSize(20_001).allMatch(Applied.class::isInstance);
  }

  private static long ids(Command command) {
    return ((Command.Grant) command).leaseId();
  }
}
