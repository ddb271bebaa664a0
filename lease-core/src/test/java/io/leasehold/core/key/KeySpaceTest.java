package io.leasehold.core.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.core.key.Comparison.Relation;
import io.leasehold.core.key.Comparison.Target;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class KeySpaceTest {
  private static final KeyRange ALL = KeyRange.prefix(Bytes.EMPTY);

  private static final Bytes BIG_VALUE = Bytes.wrap(new byte[1 << 20]);
  private static final int BIG_KEYS = 40;

  private final MemoryKeyStore store = new MemoryKeyStore();
  private final Set<Long> leases = new TreeSet<>(List.of(1L, 2L));
  private final List<String> heard = new ArrayList<>();
  private final KeySpace keys = new KeySpace(store, leases::contains, new Notes());

  @Test
  void firstPutIsAtRevisionTwo() {
    put("k", "v");
    assertThat(keys.revision()).isEqualTo(2);
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("v"), 2, 2, 1, 0));
  }

  @Test
  void putAgainKeepsTheCreateRevisionAndRaisesTheVersion() {
    put("k", "v");
    put("other", "v");
    put("k", "w");
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("w"), 2, 4, 2, 0));
  }

  @Test
  void keyThatComesBackStartsAnew() {
    put("k", "v");
    put("k", "v");
    run(delete("k"));
    put("k", "v");
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("v"), 5, 5, 1, 0));
  }

  @Test
  void c52_putWithAnUnknownLeaseWritesNothing() {
    assertRefused(KeyRefusal.LEASE_NOT_FOUND, put("k", "v", 9));
    assertThat(keys.revision()).isEqualTo(1);
    assertThat(get("k")).isNull();
  }

  @Test
  void c53_keyBelongsToTheLeaseOfItsLastPut() {
    run(put("k", "v", 1));
    run(put("k", "v", 2));
    end(1);
    assertThat(get("k")).isNotNull();
    end(2);
    assertThat(get("k")).isNull();
  }

  @Test
  void c54_putWithoutLeaseDetaches() {
    run(put("k", "v", 1));
    put("k", "v");
    assertThat(attached(1)).isEmpty();
    end(1);
    assertThat(get("k")).isNotNull();
  }

  @Test
  void c55_deletedKeyIsDetached() {
    run(put("k", "v", 1));
    run(put("l", "v", 1));
    run(delete("k"));
    assertThat(attached(1)).containsExactly(b("l"));
  }

  @Test
  void c56_puttingAgainWithTheSameLeaseAttachesOnce() {
    run(put("k", "v", 1));
    run(put("k", "w", 1));
    assertThat(attached(1)).containsExactly(b("k"));
  }

  @Test
  void c57_keptLeaseStaysAndNeedsAKey() {
    run(put("k", "v", 1));
    run(new Op.Put(b("k"), b("w"), 0, false, true, false));
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("w"), 2, 3, 2, 1));
    assertThat(attached(1)).containsExactly(b("k"));
    assertRefused(KeyRefusal.KEY_NOT_FOUND, new Op.Put(b("none"), b("w"), 0, false, true, false));
  }

  @Test
  void c59_keptValueMovesToAnotherLease() {
    run(put("k", "v", 1));
    run(new Op.Put(b("k"), Bytes.EMPTY, 2, true, false, false));
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("v"), 2, 3, 2, 2));
    assertThat(attached(1)).isEmpty();
    assertThat(attached(2)).containsExactly(b("k"));
    assertRefused(
        KeyRefusal.KEY_NOT_FOUND, new Op.Put(b("none"), Bytes.EMPTY, 0, true, false, false));
  }

  @Test
  void c62_putAnswersThePreviousKeyWhenAsked() {
    Op.Put put = new Op.Put(b("k"), b("v"), 1, false, false, true);
    assertThat(run(put).results()).containsExactly(new OpResult.Put(null));
    assertThat(run(put).results())
        .containsExactly(new OpResult.Put(new KeyValue(b("k"), b("v"), 2, 2, 1, 1)));
    assertThat(run(put("k", "v", 0)).results()).containsExactly(new OpResult.Put(null));
  }

  @Test
  void c63_comparingAMissingKeyCountsItsNumbersAsZero() {
    for (Target target : List.of(Target.CREATE, Target.MOD, Target.VERSION, Target.LEASE)) {
      assertThat(holds("none", target, Relation.EQUAL, 0)).as("%s", target).isTrue();
      assertThat(holds("none", target, Relation.GREATER, -1)).as("%s", target).isTrue();
      assertThat(holds("none", target, Relation.LESS, 1)).as("%s", target).isTrue();
      assertThat(holds("none", target, Relation.NOT_EQUAL, 0)).as("%s", target).isFalse();
    }
  }

  @Test
  void c63_comparingTheValueOfAMissingKeyNeverHolds() {
    for (Relation relation : Relation.values()) {
      assertThat(holds(KeyRange.single(b("none")), Target.VALUE, relation, 0, "")).isFalse();
      assertThat(holds(KeyRange.single(b("none")), Target.VALUE, relation, 0, "v")).isFalse();
    }
  }

  @Test
  void c64_everyKeyOfARangeMustSatisfyAComparison() {
    put("a1", "v");
    put("a2", "v");
    put("a2", "v");
    KeyRange range = KeyRange.prefix(b("a"));
    assertThat(holds(range, Target.VERSION, Relation.GREATER, 0, "")).isTrue();
    assertThat(holds(range, Target.VERSION, Relation.EQUAL, 1, "")).isFalse();
    assertThat(holds(range, Target.VERSION, Relation.EQUAL, 2, "")).isFalse();
    assertThat(holds(range, Target.VALUE, Relation.EQUAL, 0, "v")).isTrue();
  }

  @Test
  void c64_rangeWithoutKeysIsComparedToZeros() {
    put("b", "v");
    KeyRange range = KeyRange.prefix(b("a"));
    assertThat(holds(range, Target.CREATE, Relation.EQUAL, 0, "")).isTrue();
    assertThat(holds(range, Target.VALUE, Relation.NOT_EQUAL, 0, "v")).isFalse();
    KeyRange backwards = new KeyRange(b("c"), b("a"));
    assertThat(holds(backwards, Target.MOD, Relation.EQUAL, 0, "")).isTrue();
  }

  @Test
  void c65_branchThatDoesNotRunIsNotChecked() {
    Txn txn =
        new Txn(
            List.of(compare("none", Target.CREATE, Relation.GREATER, 0)),
            List.of(put("k", "v", 9)),
            List.of(put("k", "v", 1)));
    assertThat(transact(txn).succeeded()).isFalse();
    assertThat(get("k")).isNotNull();
  }

  @Test
  void c65_refusedOperationUndoesTheWholeTransaction() {
    run(put("old", "v", 1));
    long hash = keys.hash();
    heard.clear();
    assertRefused(
        KeyRefusal.LEASE_NOT_FOUND,
        put("new", "v", 1),
        delete("old"),
        new Op.Nested(Txn.of(put("k", "v", 9))));
    assertThat(keys.revision()).isEqualTo(2);
    assertThat(keys.hash()).isEqualTo(hash);
    assertThat(all()).extracting(KeyValue::key).containsExactly(b("old"));
    assertThat(attached(1)).containsExactly(b("old"));
    assertThat(heard).isEmpty();
  }

  @Test
  void c66_rangeAfterAPutSeesItAndAllWritesShareARevision() {
    put("a", "v");
    put("c", "v");
    TxnResult result =
        run(
            range(ALL),
            put("b", "v", 0),
            delete("a"),
            put("d", "v", 0),
            range(ALL),
            new Op.Range(new RangeQuery(ALL, 0, 0, key(), none(), 0, 0, 0, 0, false, true)));
    assertThat(names(result.results().get(0))).containsExactly("a", "c");
    assertThat(names(result.results().get(4))).containsExactly("b", "c", "d");
    assertThat(((OpResult.Range) result.results().get(5)).count()).isEqualTo(3);
    assertThat(keys.revision()).isEqualTo(4);
    assertThat(all()).extracting(KeyValue::modRevision).containsExactly(4L, 3L, 4L);
  }

  @Test
  void c66_readingAnOldRevisionDoesNotSeeTheTransaction() {
    put("a", "v");
    TxnResult result =
        run(
            delete("a"),
            new Op.Range(new RangeQuery(ALL, 2, 0, key(), none(), 0, 0, 0, 0, false, false)));
    assertThat(names(result.results().get(1))).containsExactly("a");
  }

  @Test
  void c66_transactionThatOnlyReadsLeavesTheRevision() {
    put("a", "v");
    heard.clear();
    run(range(ALL));
    assertThat(keys.revision()).isEqualTo(2);
    assertThat(heard).isEmpty();
  }

  @Test
  void c67_acquiringAFreeLockAnswersItsOwnCreation() {
    Bytes lock = b("lock/1");
    RangeQuery owner =
        new RangeQuery(
            KeyRange.prefix(b("lock/")),
            0,
            1,
            RangeQuery.SortTarget.CREATE,
            RangeQuery.SortOrder.ASCEND,
            0,
            0,
            0,
            0,
            false,
            false);
    Txn acquire =
        new Txn(
            List.of(compare("lock/1", Target.CREATE, Relation.EQUAL, 0)),
            List.of(put("lock/1", "", 1), new Op.Range(owner)),
            List.of(range(KeyRange.single(lock)), new Op.Range(owner)));
    TxnResult first = transact(acquire);
    assertThat(first.succeeded()).isTrue();
    assertThat(((OpResult.Range) first.results().get(1)).keyValues())
        .containsExactly(new KeyValue(lock, Bytes.EMPTY, 2, 2, 1, 1));
    TxnResult again = transact(acquire);
    assertThat(again.succeeded()).isFalse();
    assertThat(names(again.results().get(0))).containsExactly("lock/1");
    assertThat(keys.revision()).isEqualTo(2);
  }

  @Test
  void c69_comparingTheLeaseHoldsOnlyForItsKeys() {
    run(put("k", "v", 1));
    put("l", "v");
    assertThat(holds("k", Target.LEASE, Relation.EQUAL, 1)).isTrue();
    assertThat(holds("l", Target.LEASE, Relation.EQUAL, 1)).isFalse();
  }

  @Test
  void c70_everyRelationHoldsWhenItShould() {
    put("k", "m");
    put("k", "m");
    int[] orders = {1, 2, 3};
    for (int number : orders) {
      assertThat(holds("k", Target.VERSION, Relation.EQUAL, number)).isEqualTo(number == 2);
      assertThat(holds("k", Target.VERSION, Relation.NOT_EQUAL, number)).isEqualTo(number != 2);
      assertThat(holds("k", Target.VERSION, Relation.GREATER, number)).isEqualTo(number < 2);
      assertThat(holds("k", Target.VERSION, Relation.LESS, number)).isEqualTo(number > 2);
    }
    KeyRange k = KeyRange.single(b("k"));
    assertThat(holds(k, Target.VALUE, Relation.NOT_EQUAL, 0, "n")).isTrue();
    assertThat(holds(k, Target.VALUE, Relation.LESS, 0, "n")).isTrue();
    assertThat(holds(k, Target.VALUE, Relation.GREATER, 0, "n")).isFalse();
    assertThat(holds(k, Target.CREATE, Relation.EQUAL, 2, "")).isTrue();
    assertThat(holds(k, Target.MOD, Relation.EQUAL, 3, "")).isTrue();
  }

  @Test
  void c73_nestedTransactionSharesTheRevision() {
    Txn inner =
        new Txn(
            List.of(compare("a", Target.CREATE, Relation.GREATER, 0)),
            List.of(put("then", "v", 0)),
            List.of(put("else", "v", 0), range(ALL)));
    TxnResult result = run(put("a", "v", 0), new Op.Nested(inner), put("z", "v", 0));
    TxnResult nested = ((OpResult.Nested) result.results().get(1)).result();
    // Comparisons look at what was there before the outer transaction.
    assertThat(nested.succeeded()).isFalse();
    assertThat(names(nested.results().get(1))).containsExactly("a", "else");
    assertThat(all()).extracting(KeyValue::modRevision).containsExactly(2L, 2L, 2L);
  }

  @Test
  void c74_readOnlyTransactionIsAnsweredFromAView() {
    put("k", "v");
    Txn txn =
        new Txn(
            List.of(compare("k", Target.VERSION, Relation.EQUAL, 1)),
            List.of(range(ALL)),
            List.of());
    TxnAnswer answer = KeySpace.read(store, txn, AnswerBudget.UNBOUNDED);
    assertThat(names(((TxnAnswer.Ran) answer).result().results().get(0))).containsExactly("k");
    Txn writing = Txn.of(new Op.Nested(new Txn(List.of(), List.of(), List.of(delete("k")))));
    assertThatThrownBy(() -> KeySpace.read(store, writing, AnswerBudget.UNBOUNDED))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void transactionThatReadsMoreThanAnEntryMayIsRefused() {
    fill();
    assertRefused(KeyRefusal.TOO_LARGE, put("k", "v", 0), range(ALL), range(ALL));
    assertThat(get("k")).isNull();
    keys.entryBegins();
    assertThat(run(put("k", "v", 0), range(ALL)).results()).hasSize(2);
  }

  @Test
  void transactionThatDeletesMoreThanAnEntryMayIsRefused() {
    fill();
    run(new Op.DeleteRange(ALL, false));
    fill();
    keys.entryBegins();
    assertRefused(
        KeyRefusal.TOO_LARGE, range(ALL), new Op.DeleteRange(KeyRange.prefix(b("big")), true));
    assertThat(all()).hasSize(BIG_KEYS);
  }

  @Test
  void putsThatKeepLargeValuesCountAsLarge() {
    fill();
    Op[] puts = new Op[2 * BIG_KEYS];
    Arrays.setAll(
        puts, i -> new Op.Put(b("big" + i % BIG_KEYS), Bytes.EMPTY, 0, true, false, i % 2 == 0));
    assertRefused(KeyRefusal.TOO_LARGE, puts);
  }

  @Test
  void transactionsOfOneEntryShareItsMemory() {
    fill();
    run(put("k", "v", 0), range(ALL));
    assertThat(keys.bytesTaken()).isGreaterThan(EntryBudget.BYTES / 2);
    assertRefused(KeyRefusal.TOO_MUCH_AT_ONCE, put("k", "w", 0), range(ALL));
    // What was refused took nothing from those that come after it.
    run(put("k", "x", 0));
    keys.entryBegins();
    run(put("k", "y", 0), range(ALL));
  }

  @Test
  void endOfALeaseIsNeverTooLarge() {
    for (int i = 0; i < BIG_KEYS; i++) {
      keys.entryBegins();
      run(new Op.Put(b("big" + i), BIG_VALUE, 1, false, false, false));
    }
    keys.entryBegins();
    run(put("k", "v", 0), range(ALL));
    end(1);
    assertThat(all()).hasSize(1);
    assertThat(keys.bytesTaken()).isGreaterThan(EntryBudget.BYTES / 2);
  }

  /** Writes keys that an entry may read once, but not twice. */
  private void fill() {
    for (int i = 0; i < BIG_KEYS; i++) {
      keys.entryBegins();
      run(new Op.Put(b("big" + i), BIG_VALUE, 0, false, false, false));
    }
    keys.entryBegins();
  }

  @Test
  void c75_deletingNothingLeavesTheRevision() {
    assertThat(run(delete("none")).results())
        .containsExactly(new OpResult.DeleteRange(0, List.of()));
    assertThat(keys.revision()).isEqualTo(1);
    assertThat(heard).isEmpty();
  }

  @Test
  void c75_deleteAnswersWhatItRemovedWhenAsked() {
    run(put("a", "v", 1));
    put("b", "w");
    KeyValue a = get("a");
    KeyValue b = get("b");
    assertThat(run(new Op.DeleteRange(ALL, true)).results())
        .containsExactly(new OpResult.DeleteRange(2, List.of(a, b)));
    assertThat(keys.revision()).isEqualTo(4);
    assertThat(all()).isEmpty();
  }

  @Test
  void c76_putWithARevokedLeaseIsRefused() {
    end(1);
    assertRefused(KeyRefusal.LEASE_NOT_FOUND, put("j", "v", 0), put("k", "v", 1));
    assertThat(all()).isEmpty();
  }

  @Test
  void c82_transactionIsRefusedWhenItReadsARevisionThatIsNotThere() {
    put("k", "v");
    put("k", "w");
    put("k", "x");
    assertThat(keys.compact(3)).isNull();
    assertRefused(KeyRefusal.FUTURE_REVISION, put("k", "y", 0), rangeAt(5));
    assertRefused(KeyRefusal.COMPACTED, put("k", "y", 0), rangeAt(2));
    assertThat(names(run(rangeAt(3)).results().get(0))).containsExactly("k");
  }

  @Test
  void c16_endOfALeaseDeletesItsKeysAtOneRevisionInOrder() {
    run(put("b", "v", 1), put("a", "v", 1), put("c", "v", 2));
    heard.clear();
    end(1);
    assertThat(keys.revision()).isEqualTo(3);
    assertThat(heard).containsExactly("3: -a -b");
    assertThat(attached(1)).isEmpty();
    assertThat(attached(2)).containsExactly(b("c"));
  }

  @Test
  void c15_endOfALeaseWithoutKeysUsesNoRevision() {
    end(1);
    assertThat(keys.revision()).isEqualTo(1);
    assertThat(heard).isEmpty();
  }

  @Test
  void c18_endedKeysAreStillReadAtTheRevisionBefore() {
    run(put("k", "v", 1));
    end(1);
    assertThat(store.get(b("k"), 2)).isEqualTo(new KeyValue(b("k"), b("v"), 2, 2, 1, 1));
  }

  @Test
  void changesAreToldInTheOrderOfTheOperations() {
    put("b", "v");
    put("d", "v");
    heard.clear();
    run(
        put("e", "v", 0),
        new Op.DeleteRange(new KeyRange(b("b"), b("e")), false),
        put("a", "v", 0));
    assertThat(heard).containsExactly("4: +e -b -d +a");
  }

  @Test
  void keyThatIsPutAndDeletedInOneTransactionNeverExisted() {
    run(put("k", "v", 1), delete("k"));
    assertThat(keys.revision()).isEqualTo(1);
    assertThat(attached(1)).isEmpty();
    assertThat(heard).isEmpty();
  }

  @Test
  void keyThatIsDeletedAndPutInOneTransactionStartsAnew() {
    run(put("k", "v", 1));
    run(delete("k"), put("k", "w", 2));
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("w"), 3, 3, 1, 2));
    assertThat(attached(1)).isEmpty();
    assertThat(attached(2)).containsExactly(b("k"));
  }

  @Test
  void compactionIsRefusedBehindTheLastAndBeyondTheNewest() {
    put("k", "v");
    put("k", "w");
    assertThat(keys.compact(4)).isEqualTo(KeyRefusal.FUTURE_REVISION);
    assertThat(keys.compact(3)).isNull();
    assertThat(keys.compact(3)).isEqualTo(KeyRefusal.COMPACTED);
    assertThat(keys.compact(0)).isEqualTo(KeyRefusal.COMPACTED);
    assertThat(heard).containsExactly("2: +k", "3: +k", "compacted 3");
    assertThat(get("k")).isEqualTo(new KeyValue(b("k"), b("w"), 2, 3, 2, 0));
  }

  @Test
  void hashTellsHistoriesApart() {
    List<Long> hashes = new ArrayList<>();
    hashes.add(hashAfter(put("k", "12345678x", 1)));
    hashes.add(hashAfter(put("k", "12345678y", 1)));
    hashes.add(hashAfter(put("k", "12345678", 1)));
    hashes.add(hashAfter(put("k", "12345678\0", 1)));
    hashes.add(hashAfter(put("k1", "2345678x", 1)));
    hashes.add(hashAfter(put("k", "12345678x", 2)));
    hashes.add(hashAfter(put("k", "12345678x", 1), put("l", "", 0)));
    hashes.add(hashAfter(put("l", "", 0), put("k", "12345678x", 1)));
    assertThat(hashes).doesNotHaveDuplicates().doesNotContain(0L);
  }

  @Test
  void hashTellsACompactedHistoryFromAWholeOne() {
    put("k", "v");
    put("k", "v");
    long hash = keys.hash();
    keys.compact(2);
    assertThat(keys.hash()).isNotEqualTo(hash);
  }

  private static long hashAfter(Op... ops) {
    KeySpace fresh = new KeySpace(new MemoryKeyStore(), lease -> true, KeyListener.NONE);
    for (Op op : ops) {
      fresh.transact(Txn.of(op));
    }
    return fresh.hash();
  }

  // What the tests say in short

  private static Bytes b(String text) {
    return Bytes.utf8(text);
  }

  private static RangeQuery.SortTarget key() {
    return RangeQuery.SortTarget.KEY;
  }

  private static RangeQuery.SortOrder none() {
    return RangeQuery.SortOrder.NONE;
  }

  private void put(String key, String value) {
    run(put(key, value, 0));
  }

  private static Op put(String key, String value, long leaseId) {
    return new Op.Put(b(key), b(value), leaseId, false, false, false);
  }

  private static Op delete(String key) {
    return new Op.DeleteRange(KeyRange.single(b(key)), false);
  }

  private static Op range(KeyRange range) {
    return new Op.Range(RangeQuery.all(range));
  }

  private static Op rangeAt(long revision) {
    return new Op.Range(new RangeQuery(ALL, revision, 0, key(), none(), 0, 0, 0, 0, false, false));
  }

  private static Comparison compare(String key, Target target, Relation relation, long number) {
    return new Comparison(KeyRange.single(b(key)), target, relation, number, Bytes.EMPTY);
  }

  private boolean holds(String key, Target target, Relation relation, long number) {
    return holds(KeyRange.single(b(key)), target, relation, number, "");
  }

  private boolean holds(
      KeyRange range, Target target, Relation relation, long number, String value) {
    Comparison comparison = new Comparison(range, target, relation, number, b(value));
    return transact(new Txn(List.of(comparison), List.of(), List.of())).succeeded();
  }

  private TxnResult run(Op... ops) {
    return transact(new Txn(List.of(), Arrays.asList(ops), List.of()));
  }

  private TxnResult transact(Txn txn) {
    TxnAnswer answer = keys.transact(txn);
    assertThat(answer).isInstanceOf(TxnAnswer.Ran.class);
    return ((TxnAnswer.Ran) answer).result();
  }

  private void assertRefused(KeyRefusal why, Op... ops) {
    assertThat(keys.transact(new Txn(List.of(), Arrays.asList(ops), List.of())))
        .isEqualTo(new TxnAnswer.Refused(why));
  }

  private void end(long leaseId) {
    leases.remove(leaseId);
    keys.leaseEnded(leaseId);
  }

  private KeyValue get(String key) {
    return store.get(b(key), store.revision());
  }

  private List<KeyValue> all() {
    List<KeyValue> all = new ArrayList<>();
    store.forEach(ALL, store.revision(), all::add);
    return all;
  }

  private List<Bytes> attached(long leaseId) {
    List<Bytes> attached = new ArrayList<>();
    store.forEachAttached(leaseId, attached::add);
    return attached;
  }

  private static List<String> names(OpResult range) {
    return ((OpResult.Range) range)
        .keyValues().stream().map(keyValue -> keyValue.key().toString()).toList();
  }

  private final class Notes implements KeyListener {
    @Override
    public void changed(long revision, List<KeyEvent> events) {
      StringBuilder note = new StringBuilder(revision + ":");
      events.forEach(
          event -> note.append(event instanceof KeyEvent.Put ? " +" : " -").append(event.key()));
      heard.add(note.toString());
    }

    @Override
    public void compacted(long revision) {
      heard.add("compacted " + revision);
    }
  }
}
