package io.leasehold.client.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.leasehold.client.Bytes;
import io.leasehold.client.CompactedException;
import io.leasehold.client.Condition;
import io.leasehold.client.KeyEntry;
import io.leasehold.client.KeyRange;
import io.leasehold.client.LeaseNotFoundException;
import io.leasehold.client.Operation.Delete;
import io.leasehold.client.Operation.Order;
import io.leasehold.client.Operation.Put;
import io.leasehold.client.Operation.Read;
import io.leasehold.client.Txn;
import io.leasehold.client.TxnResult;
import io.leasehold.client.WatchEvent;
import io.leasehold.client.WatchEvent.Changed;
import io.leasehold.client.Watcher;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Keys, transactions and watches through the client. */
final class KeysIT extends OnEachServer {
  private static Bytes key(String text) {
    return Bytes.of(text);
  }

  private long put(String key, String value) {
    return client.keys().put(key(key), Bytes.of(value));
  }

  @Test
  void keysAreWrittenReadInOrderAndDeleted() {
    long first = put("k/b", "1");
    long second = put("k/a", "2");
    assertThat(second).isEqualTo(first + 1);
    KeyEntry entry = client.keys().get(key("k/b")).orElseThrow();
    assertThat(entry).isEqualTo(new KeyEntry(key("k/b"), Bytes.of("1"), first, first, 1, 0));
    Read all = Read.of(KeyRange.prefix(key("k/")));
    assertThat(client.keys().read(all).entries())
        .extracting(KeyEntry::key)
        .containsExactly(key("k/a"), key("k/b"));
    assertThat(client.keys().read(all.order(Order.NEWEST_FIRST).limit(1)).entries())
        .extracting(KeyEntry::key)
        .containsExactly(key("k/a"));
    assertThat(client.keys().read(all.createdBefore(second)).entries())
        .extracting(KeyEntry::key)
        .containsExactly(key("k/b"));
    assertThat(client.keys().delete(KeyRange.prefix(key("k/")))).isEqualTo(2);
    assertThat(client.keys().get(key("k/a"))).isEmpty();
    assertThat(client.keys().read(all.atRevision(second)).count()).isEqualTo(2);
  }

  @Test
  void aTransactionTakesOneBranchAsAWhole() {
    Txn txn =
        Txn.when(Condition.missing(key("t/1")))
            .then(new Put(key("t/1"), Bytes.of("a"), 0), new Put(key("t/2"), Bytes.of("b"), 0))
            .otherwise(Read.of(KeyRange.of(key("t/1"))), new Delete(KeyRange.of(key("t/2"))));
    TxnResult done = client.keys().commit(txn);
    assertThat(done.succeeded()).isTrue();
    TxnResult again = client.keys().commit(txn);
    assertThat(again.succeeded()).isFalse();
    assertThat(again.found(0).entries().get(0).createRevision()).isEqualTo(done.revision());
    assertThat(client.keys().get(key("t/2"))).isEmpty();
    assertThatThrownBy(
            () ->
                client
                    .keys()
                    .commit(
                        Txn.when(Condition.valueIs(key("t/1"), Bytes.of("a")))
                            .then(new Put(key("t/3"), Bytes.of("c"), 4711))))
        .isInstanceOf(LeaseNotFoundException.class);
    assertThat(client.keys().get(key("t/3"))).isEmpty();
  }

  @Test
  void aWatchGoesOnWithoutAGapWhenItsMemberDies() {
    List<Long> seen = new CopyOnWriteArrayList<>();
    long first = put("w/0", "0");
    Watcher watcher =
        client
            .watches()
            .watch(
                KeyRange.prefix(key("w/")),
                first,
                event -> {
                  if (event instanceof Changed changed) {
                    changed.changes().forEach(change -> seen.add(change.entry().modRevision()));
                  }
                });
    try {
      for (MemberProcess member : cluster.members()) {
        member.kill();
        for (int i = 0; i < 20; i++) {
          putSurely("w/" + i);
        }
        member.start();
        cluster.awaitReady();
      }
      long last = putSurely("w/last");
      Conditions.await("the last change is told", SOON, () -> seen.contains(last));
    } finally {
      watcher.close();
    }
    List<KeyEntry> kept = client.keys().read(Read.of(KeyRange.prefix(key("w/")))).entries();
    assertThat(seen).isSorted().doesNotHaveDuplicates().hasSizeGreaterThanOrEqualTo(62);
    assertThat(seen).containsAll(kept.stream().map(KeyEntry::modRevision).toList());
  }

  private long putSurely(String key) {
    return client
        .keys()
        .commit(Txn.when().then(new Put(key(key), Bytes.of("x"), 0)).repeatable())
        .revision();
  }

  @Test
  void aWatchIntoCompactedHistorySaysSoAndGoesOn() {
    long first = put("c/1", "1");
    long second = put("c/1", "2");
    long third = put("c/1", "3");
    Compaction.compact(cluster.members().get(0), third);
    List<WatchEvent> events = new CopyOnWriteArrayList<>();
    Watcher watcher = client.watches().watch(KeyRange.of(key("c/1")), first, events::add);
    try {
      Conditions.await("the watch goes on", SOON, () -> events.size() >= 2);
      assertThat(events.get(0)).isEqualTo(new WatchEvent.Compacted(first, third));
      assertThat(events.get(1)).isInstanceOf(Changed.class);
    } finally {
      watcher.close();
    }
    assertThatThrownBy(
            () -> client.keys().read(Read.of(KeyRange.of(key("c/1"))).atRevision(second)))
        .isInstanceOf(CompactedException.class);
  }
}
