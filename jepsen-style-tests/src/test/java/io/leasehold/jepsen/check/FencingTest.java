package io.leasehold.jepsen.check;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.FencedWrite;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class FencingTest {
  private final Checker checker = new Fencing();

  @Test
  void holdersFollowOneAnother() {
    Verdict verdict =
        twoHolders().with(stored(1, 2, true)).with(stored(2, 3, true)).judgedBy(checker);
    assertThat(verdict.ruling()).as(verdict.toString()).isEqualTo(Ruling.OK);
    assertThat(verdict.figure("locks taken")).isEqualTo(2);
  }

  @Test
  void aTokenBelongsToOneHolder() {
    new Tale()
        .with(acquired("l", 1, "l/1", 2, 2, 10))
        .with(acquired("l", 2, "l/2", 2, 2, 20))
        .isRefused(checker, "two holders got the same token");
  }

  @Test
  void aTokenIsTheCreateRevisionOfItsKey() {
    new Tale()
        .with(acquired("l", 1, "l/1", 3, 3, 10))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 20, Tale.puts("x", "x", 3, 3, 1))
        .isRefused(checker, "token 3 is no create revision of l/1");
  }

  @Test
  void theKeyOfALockHangsOnTheLeaseThatWasNamed() {
    new Tale()
        .with(acquired("l", 1, "l/1", 2, 2, 10))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1))
        .isRefused(checker, "a lock was granted on lease 1, and its key hangs on 0");
  }

  @Test
  void nobodyHoldsALockThatAnotherHas() {
    new Tale()
        .with(acquired("l", 1, "l/1", 2, 2, 10))
        .with(acquired("l", 2, "l/2", 3, 3, 20))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 15, Tale.puts("l/2", "", 3, 3, 1, 2))
        .told(1, 18, Tale.deletes("l/1", 4))
        .isRefused(checker, "a lock was granted at revision 3, though another had it until 4");
  }

  @Test
  void whoWaitsMustHaveLeftTheLineToo() {
    // Nobody says that the first one ever held it.
    new Tale()
        .with(acquired("l", 2, "l/2", 3, 3, 20))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 15, Tale.puts("l/2", "", 3, 3, 1, 2))
        .isRefused(checker, "though another had it");
  }

  @Test
  void locksOfOtherNamesAreNoMatter() {
    new Tale()
        .with(acquired("l", 1, "l/1", 2, 2, 10))
        .with(acquired("m", 2, "m/2", 3, 3, 20))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 15, Tale.puts("m/2", "", 3, 3, 1, 2))
        .isFine(checker);
  }

  @Test
  void aLockIsNotGrantedAfterItsOwnKeyWent() {
    new Tale()
        .with(acquired("l", 1, "l/1", 2, 3, 20))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 25, Tale.deletes("l/1", 3))
        .isRefused(checker, "though its key was there from 2 to 3 only");
    new Tale()
        .with(acquired("l", 1, "l/1", 2, 0, 20))
        .canonical(1)
        .told(1, 5, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 10, Tale.deletes("l/1", 3))
        .isRefused(checker, "whose key was seen to be gone before");
  }

  @Test
  void aGuardedWriteNeedsItsHoldersKey() {
    twoHolders()
        .ok(guarded(2), done(), 4, 40, 50)
        .told(1, 50, Tale.puts("x", "x", 5, 5, 1))
        .isFine(checker);
    twoHolders()
        .ok(guarded(2), done(), 5, 40, 50)
        .told(1, 50, Tale.puts("x", "x", 5, 5, 1))
        .isRefused(checker, "a write guarded by token 2 took effect at revision 5");
  }

  @Test
  void aGuardedWriteThatWasRefusedIsFine() {
    twoHolders().ok(guarded(2), new Answer.Decided(false, List.of()), 4, 40, 50).isFine(checker);
  }

  @Test
  void theStoreAcceptsNoSmallerToken() {
    twoHolders()
        .with(stored(2, 2, true))
        .with(stored(1, 3, true))
        .isRefused(checker, "store accepted token 2 after 3");
    Verdict verdict =
        twoHolders().with(stored(1, 3, true)).with(stored(2, 2, false)).judgedBy(checker);
    assertThat(verdict.ruling()).isEqualTo(Ruling.OK);
    assertThat(verdict.figure("writes that the store refused")).isEqualTo(1);
  }

  @Test
  void withoutLogOnlyTokensAreJudged() {
    new Tale().with(acquired("l", 1, "l/1", 2, 2, 10)).cannotBeTold(checker, "no canonical");
  }

  @Test
  void withoutLocksThereIsNothingToJudge() {
    new Tale().doesNotApply(checker);
  }

  private static Request guarded(long token) {
    return new Request.Txn(
        List.of(Request.Guard.created("l/1", Request.Relation.EQUAL, token)),
        List.of(new Request.Put("x", "x", 0, false)),
        List.of());
  }

  private static Answer done() {
    return new Answer.Decided(true, List.of(new Answer.Written(null)));
  }

  private static FencedWrite stored(long sequence, long token, boolean accepted) {
    return new FencedWrite("store", sequence, token, accepted, 0);
  }

  private static Tale twoHolders() {
    return new Tale()
        .with(acquired("l", 1, "l/1", 2, 2, 10))
        .with(acquired("l", 2, "l/2", 3, 4, 30))
        .canonical(1)
        .told(1, 10, Tale.puts("l/1", "", 2, 2, 1, 1))
        .told(1, 15, Tale.puts("l/2", "", 3, 3, 1, 2))
        .told(1, 25, Tale.deletes("l/1", 4));
  }

  static Op acquired(String lock, long leaseId, String key, long token, long held, long at) {
    return Op.ok(
        leaseId,
        "n1",
        new Request.Acquire(lock, leaseId),
        new Answer.Acquired(key, token, held),
        held,
        1,
        Tale.nanos(at),
        Tale.nanos(at + 5));
  }
}
