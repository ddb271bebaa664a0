package io.leasehold.jepsen.check;

import io.leasehold.jepsen.history.Answer;
import io.leasehold.jepsen.history.KeyRange;
import io.leasehold.jepsen.history.KeyValue;
import io.leasehold.jepsen.history.MemberState;
import io.leasehold.jepsen.history.Phase;
import io.leasehold.jepsen.history.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

class DurabilityTest {
  private static final KeyValue KEPT = new KeyValue("k", "v", 2, 2, 1, 0);

  private final Checker checker = new Durability();

  @Test
  void whatWasAcknowledgedIsThere() {
    written().read("k", 2, 1010, 1020, KEPT).isFine(checker);
    written()
        .ok(
            Request.Range.of(KeyRange.all()),
            new Answer.Ranged(List.of(KEPT), 1, false),
            2,
            1010,
            1020)
        .isFine(checker);
  }

  @Test
  void aLostWriteIsRefused() {
    written().read("k", 2, 1010, 1020).isRefused(checker, "k is lost in the end, on n1");
    written()
        .on("n3")
        .ok(Request.Range.of(KeyRange.all()), new Answer.Ranged(List.of(), 0, false), 2, 1010, 1020)
        .isRefused(checker, "k is lost in the end, on n3");
  }

  @Test
  void anOlderOrOtherValueIsRefused() {
    written()
        .read("k", 2, 1010, 1020, new KeyValue("k", "old", 1, 1, 1, 0))
        .isRefused(checker, "k is older in the end");
    written()
        .read("k", 2, 1010, 1020, new KeyValue("k", "other", 2, 2, 1, 0))
        .isRefused(checker, "k is another in the end");
  }

  @Test
  void aLaterWriteOfUnknownOutcomeMayShow() {
    written().read("k", 3, 1010, 1020, new KeyValue("k", "w", 2, 3, 2, 0)).isFine(checker);
  }

  @Test
  void whatMayHaveBeenDeletedMayBeGone() {
    deleting(new Request.Delete(KeyRange.one("k"), false)).isFine(checker);
    deleting(new Request.Delete(KeyRange.prefix("k"), false)).isFine(checker);
    deleting(new Request.Put("k", "w", 9, false)).isFine(checker);
    deleting(new Request.Delete(KeyRange.one("other"), false)).isRefused(checker, "k is lost");
    new Tale()
        .put("k", "v", 0, 2, 20, 30)
        .ok(
            new Request.Delete(KeyRange.one("k"), false),
            new Answer.Deleted(1, List.of()),
            3,
            40,
            50)
        .with(new Phase(Phase.FINAL, Tale.nanos(1000)))
        .read("k", 3, 1010, 1020)
        .isFine(checker);
  }

  @Test
  void aWriteAfterTheDeleteIsThere() {
    new Tale()
        .ok(
            new Request.Delete(KeyRange.one("k"), false),
            new Answer.Deleted(1, List.of()),
            3,
            10,
            15)
        .put("k", "v", 0, 4, 20, 30)
        .with(new Phase(Phase.FINAL, Tale.nanos(1000)))
        .read("k", 4, 1010, 1020)
        .isRefused(checker, "k is lost in the end");
  }

  @Test
  void theKeysOfALeaseAreThereAsLongAsItIs() {
    attached(60).read("k", 2, 1010, 1020).isRefused(checker, "k is lost in the end");
    attached(1).read("k", 2, 1010, 1020).isFine(checker);
    attached(1)
        .read("k", 2, 1010, 1020)
        .left(1, 1, 1, 1030, 1040)
        .isRefused(checker, "k is lost in the end");
  }

  @Test
  void aLeaseThatIsOwedTimeIsThereOnEveryMember() {
    attached(60).on("n2").left(1, 58, 60, 1010, 1020).isFine(checker);
    attached(60)
        .on("n2")
        .gone(1, 1010, 1020)
        .isRefused(checker, "lease 1 is lost in the end, on n2");
    attached(1).gone(1, 1010, 1020).isFine(checker);
  }

  @Test
  void aLeaseThatWasRevokedIsGoneOnEveryMember() {
    Tale revoked =
        new Tale()
            .granted(1, 60, 0, 10)
            .revoked(1, 20, 30)
            .with(new Phase(Phase.FINAL, Tale.nanos(1000)))
            .on("n2");
    revoked.gone(1, 1010, 1020).isFine(checker);
    revoked.left(1, 50, 60, 1030, 1040).isRefused(checker, "lease 1 was gone, and is there");
  }

  @Test
  void membersAgreeInTheEnd() {
    written().with(state("n1", 5, 7, 2, "a")).with(state("n2", 6, 7, 2, "b")).isFine(checker);
    written()
        .with(state("n1", 5, 7, 2, "a"))
        .with(state("n2", 5, 7, 2, "b"))
        .isRefused(checker, "members differ in the end at the same index");
    written()
        .with(state("n1", 5, 7, 2, "a"))
        .with(state("n2", 6, 8, 2, "b"))
        .isRefused(checker, "members do not agree in the end");
    written()
        .with(state("n1", 5, 7, 2, "a"))
        .with(state("n2", 6, 7, 3, "b"))
        .isRefused(checker, "members do not have as many leases in the end");
    written()
        .with(state("n1", 5, 7, 2, "a"))
        .with(state("n2", 5, 7, 3, "a"))
        .with(state("n2", 6, 7, -1, "b"))
        .isRefused(checker, "members do not have as many leases in the end");
    written().with(state("n1", 5, 7, 2, "a")).with(state("n2", 5, 7, -1, "a")).isFine(checker);
  }

  @Test
  void aReadingThatDidNotCountLeasesSaysNothingOfThem() {
    written()
        .with(state("n1", 5, 7, 2, "a"))
        .with(state("n2", 5, 7, 2, "a"))
        .with(state("n2", 5, 7, -1, "a"))
        .isFine(checker);
    written()
        .with(state("n1", 5, 7, 2, "a"))
        .with(state("n2", 5, 7, 3, "a"))
        .with(state("n2", 5, 7, -1, "a"))
        .isRefused(checker, "members do not have as many leases in the end");
  }

  @Test
  void withoutFinalReadsThereIsNothingToJudge() {
    new Tale().put("k", "v", 0, 2, 20, 30).read("k", 2, 40, 50).doesNotApply(checker);
    written().doesNotApply(checker);
  }

  private static MemberState state(
      String node, long applied, long revision, long leases, String digest) {
    return new MemberState(node, Tale.nanos(1100), 1, false, applied, revision, leases, digest);
  }

  private static Tale written() {
    return new Tale().put("k", "v", 0, 2, 20, 30).with(new Phase(Phase.FINAL, Tale.nanos(1000)));
  }

  private static Tale deleting(Request unknown) {
    return new Tale()
        .put("k", "v", 0, 2, 20, 30)
        .unknown(unknown, 40, 50)
        .with(new Phase(Phase.FINAL, Tale.nanos(1000)))
        .read("k", 3, 1010, 1020);
  }

  private static Tale attached(long ttl) {
    return new Tale()
        .granted(1, ttl, 0, 10)
        .put("k", "v", 1, 2, 20, 30)
        .with(new Phase(Phase.FINAL, Tale.nanos(1000)));
  }
}
