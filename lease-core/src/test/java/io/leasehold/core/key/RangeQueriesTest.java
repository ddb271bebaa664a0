package io.leasehold.core.key;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.key.RangeQuery.SortOrder;
import io.leasehold.core.key.RangeQuery.SortTarget;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RangeQueriesTest {
  private static final KeyRange ALL = KeyRange.of(Bytes.wrap(new byte[1]), Bytes.wrap(new byte[1]));

  private final MemoryKeyStore store = new MemoryKeyStore();
  private final KeySpace keys = new KeySpace(store, lease -> true, KeyListener.NONE);
  private int visited;

  /** Keys whose orders by name, creation, change, version and value all differ. */
  private void fill() {
    put("p/c", "2"); // 2
    put("p/a", "3"); // 3
    put("p/d", "1"); // 4
    put("p/b", "1"); // 5
    put("p/c", "2"); // 6
    put("q", "9"); // 7
  }

  @Test
  void c77_limitCutsAfterSortingByCreation() {
    fill();
    OpResult.Range found =
        answer(query(prefix()).sort(SortTarget.CREATE, SortOrder.ASCEND).limit(1));
    assertThat(names(found)).containsExactly("p/c");
    assertThat(found.more()).isTrue();
    assertThat(found.count()).isEqualTo(4);
  }

  @Test
  void c77_limitThatIsJustEnoughCutsNothing() {
    fill();
    for (SortTarget target : SortTarget.values()) {
      OpResult.Range found = answer(query(prefix()).sort(target, SortOrder.DESCEND).limit(4));
      assertThat(found.keyValues()).hasSize(4);
      assertThat(found.more()).as("%s", target).isFalse();
    }
    assertThat(answer(query(prefix()).limit(4)).more()).isFalse();
    assertThat(answer(query(prefix()).limit(3)).more()).isTrue();
    assertThat(answer(query(prefix()).limit(-1)).keyValues()).hasSize(4);
  }

  @Test
  void c78_newestCreatedUpToARevisionIsTheOneToWaitFor() {
    fill();
    OpResult.Range found =
        answer(query(prefix()).sort(SortTarget.CREATE, SortOrder.DESCEND).limit(1).created(0, 4));
    assertThat(names(found)).containsExactly("p/d");
    assertThat(found.more()).isTrue();
  }

  @Test
  void c79_filtersCutBothEndsAndLeaveTheCount() {
    fill();
    OpResult.Range modified = answer(query(prefix()).modified(4, 5));
    assertThat(names(modified)).containsExactly("p/b", "p/d");
    assertThat(modified.count()).isEqualTo(4);
    assertThat(modified.more()).isFalse();
    assertThat(names(answer(query(prefix()).created(3, 0)))).containsExactly("p/a", "p/b", "p/d");
    assertThat(names(answer(query(prefix()).modified(6, 0)))).containsExactly("p/c");
    OpResult.Range limited = answer(query(prefix()).modified(4, 0).limit(1));
    assertThat(names(limited)).containsExactly("p/b");
    assertThat(limited.count()).isEqualTo(4);
    assertThat(limited.more()).isTrue();
  }

  @Test
  void c80_targetWithoutOrderAscends() {
    fill();
    assertThat(sorted(SortTarget.CREATE, SortOrder.NONE))
        .containsExactly("p/c", "p/a", "p/d", "p/b");
    assertThat(sorted(SortTarget.MOD, SortOrder.NONE)).containsExactly("p/a", "p/d", "p/b", "p/c");
  }

  @Test
  void c80_everyTargetSortsBothWaysAndTiesKeepTheOrderOfKeys() {
    fill();
    assertThat(sorted(SortTarget.KEY, SortOrder.ASCEND))
        .containsExactly("p/a", "p/b", "p/c", "p/d");
    assertThat(sorted(SortTarget.KEY, SortOrder.DESCEND))
        .containsExactly("p/d", "p/c", "p/b", "p/a");
    assertThat(sorted(SortTarget.VERSION, SortOrder.ASCEND))
        .containsExactly("p/a", "p/b", "p/d", "p/c");
    assertThat(sorted(SortTarget.VERSION, SortOrder.DESCEND))
        .containsExactly("p/c", "p/a", "p/b", "p/d");
    assertThat(sorted(SortTarget.VALUE, SortOrder.ASCEND))
        .containsExactly("p/b", "p/d", "p/c", "p/a");
    assertThat(sorted(SortTarget.VALUE, SortOrder.DESCEND))
        .containsExactly("p/a", "p/c", "p/b", "p/d");
  }

  @Test
  void c80_sortingByValueWorksWithoutReturningValues() {
    fill();
    OpResult.Range found =
        answer(query(prefix()).sort(SortTarget.VALUE, SortOrder.DESCEND).keysOnly().limit(1));
    assertThat(names(found)).containsExactly("p/a");
    assertThat(found.keyValues().get(0).value()).isEqualTo(Bytes.EMPTY);
  }

  @Test
  void c81_zeroByteMeansFromTheKeyOnOrAll() {
    fill();
    assertThat(names(answer(query(KeyRange.of(b("p/d"), Bytes.wrap(new byte[1]))))))
        .containsExactly("p/d", "q");
    assertThat(answer(query(ALL)).keyValues()).hasSize(5);
    assertThat(names(answer(query(KeyRange.of(b("q"), Bytes.EMPTY))))).containsExactly("q");
    assertThat(answer(query(KeyRange.of(b("q"), b("a")))).count()).isZero();
  }

  @Test
  void c82_revisionMustHaveComeAndNotBeCompacted() {
    fill();
    keys.compact(4);
    assertThat(refusal(8)).isEqualTo(KeyRefusal.FUTURE_REVISION);
    assertThat(refusal(7)).isNull();
    assertThat(refusal(4)).isNull();
    assertThat(refusal(3)).isEqualTo(KeyRefusal.COMPACTED);
    assertThat(refusal(0)).isNull();
    assertThat(refusal(-1)).isNull();
  }

  @Test
  void c82_oldRevisionIsReadAsItWas() {
    fill();
    OpResult.Range found = answer(query(prefix()).at(3));
    assertThat(names(found)).containsExactly("p/a", "p/c");
    assertThat(found.keyValues().get(1).modRevision()).isEqualTo(2);
    assertThat(answer(query(KeyRange.single(b("p/d"))).at(3)).count()).isZero();
  }

  @Test
  void c84_countOnlyReturnsNoKeys() {
    fill();
    assertThat(answer(query(prefix()).countOnly().limit(1)))
        .isEqualTo(new OpResult.Range(List.of(), 4, false));
  }

  @Test
  void c60_keysOnlyKeepsTheLease() {
    keys.transact(Txn.of(new Op.Put(b("k"), b("v"), 7, false, false, false)));
    assertThat(answer(query(KeyRange.single(b("k"))).keysOnly()).keyValues())
        .containsExactly(new KeyValue(b("k"), Bytes.EMPTY, 2, 2, 1, 7));
  }

  @Test
  void orderOfKeysWithALimitLooksNoFurtherThanItMust() {
    for (int i = 0; i < 100; i++) {
      put("k" + i, "v");
    }
    OpResult.Range found =
        RangeQueries.answer(new Counting(), query(ALL).limit(3).build(), AnswerBudget.UNBOUNDED);
    assertThat(found.keyValues()).hasSize(3);
    assertThat(found.count()).isEqualTo(100);
    assertThat(visited).isEqualTo(4);
  }

  private List<String> sorted(SortTarget target, SortOrder order) {
    List<String> all = names(answer(query(prefix()).sort(target, order)));
    for (int limit = 1; limit <= all.size(); limit++) {
      assertThat(names(answer(query(prefix()).sort(target, order).limit(limit))))
          .isEqualTo(all.subList(0, limit));
    }
    return all;
  }

  private static Bytes b(String text) {
    return Bytes.utf8(text);
  }

  private static KeyRange prefix() {
    return KeyRange.prefix(b("p/"));
  }

  private void put(String key, String value) {
    keys.transact(Txn.of(new Op.Put(b(key), b(value), 0, false, false, false)));
  }

  private @Nullable KeyRefusal refusal(long revision) {
    return RangeQueries.refusal(store, query(ALL).at(revision).build());
  }

  private OpResult.Range answer(Query query) {
    return RangeQueries.answer(store, query.build(), AnswerBudget.UNBOUNDED);
  }

  private static List<String> names(OpResult.Range range) {
    return range.keyValues().stream().map(keyValue -> keyValue.key().toString()).toList();
  }

  private static Query query(KeyRange range) {
    return new Query(range);
  }

  /** Builds a query from what differs from the plain one. */
  private static final class Query {
    private final KeyRange range;
    private long revision;
    private long limit;
    private SortTarget target = SortTarget.KEY;
    private SortOrder order = SortOrder.NONE;
    private long minMod;
    private long maxMod;
    private long minCreate;
    private long maxCreate;
    private boolean keysOnly;
    private boolean countOnly;

    Query(KeyRange range) {
      this.range = range;
    }

    Query at(long atRevision) {
      revision = atRevision;
      return this;
    }

    Query limit(long max) {
      limit = max;
      return this;
    }

    Query sort(SortTarget by, SortOrder how) {
      target = by;
      order = how;
      return this;
    }

    Query modified(long min, long max) {
      minMod = min;
      maxMod = max;
      return this;
    }

    Query created(long min, long max) {
      minCreate = min;
      maxCreate = max;
      return this;
    }

    Query keysOnly() {
      keysOnly = true;
      return this;
    }

    Query countOnly() {
      countOnly = true;
      return this;
    }

    RangeQuery build() {
      return new RangeQuery(
          range, revision, limit, target, order, minMod, maxMod, minCreate, maxCreate, keysOnly,
          countOnly);
    }
  }

  /** Counts the keys that were looked at. */
  private final class Counting implements RangeView {
    @Override
    public long revision() {
      return store.revision();
    }

    @Override
    public long compactedRevision() {
      return store.compactedRevision();
    }

    @Override
    public @Nullable KeyValue get(Bytes key, long revision) {
      return store.get(key, revision);
    }

    @Override
    public void forEach(KeyRange range, long revision, KeyView.Visitor<KeyValue> visitor) {
      store.forEach(
          range,
          revision,
          keyValue -> {
            visited++;
            return visitor.visit(keyValue);
          });
    }

    @Override
    public long count(KeyRange range, long revision) {
      return store.count(range, revision);
    }
  }
}
