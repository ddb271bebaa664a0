package io.leasehold.compat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.Election;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Lease;
import io.etcd.jetcd.Lock;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.common.exception.CompactedException;
import io.etcd.jetcd.election.LeaderKey;
import io.etcd.jetcd.election.LeaderResponse;
import io.etcd.jetcd.election.NoLeaderException;
import io.etcd.jetcd.election.NotLeaderException;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.lease.LeaseKeepAliveResponse;
import io.etcd.jetcd.lease.LeaseTimeToLiveResponse;
import io.etcd.jetcd.lock.LockResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.support.CloseableClient;
import io.etcd.jetcd.watch.WatchEvent;
import io.grpc.stub.StreamObserver;
import io.leasehold.cluster.Cluster;
import io.leasehold.cluster.Conditions;
import io.leasehold.cluster.MemberProcess;
import io.leasehold.cluster.Server;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** jetcd's clients of leases, keys, watches, locks and elections. Tests keep to their own keys. */
@ParameterizedClass(name = "{0}")
@MethodSource("io.leasehold.cluster.Server#present")
@Timeout(120)
final class JetcdIT {
  private static final Duration MAX = Duration.ofSeconds(15);
  private static final long TTL_SECONDS = 60;

  @TempDir static Path home;
  static Cluster cluster;

  @Parameter Server server;
  private Client client;

  @BeforeParameterizedClassInvocation
  static void startCluster(Server chosen) {
    cluster = Cluster.start(chosen, home.resolve(chosen.name()));
  }

  @AfterParameterizedClassInvocation
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    client = JetcdClients.of(cluster.members());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  @Test
  void leaseIsGrantedRenewedLookedAtAndRevoked() throws Exception {
    Lease leases = client.getLeaseClient();
    long id = get(leases.grant(TTL_SECONDS)).getID();
    put("lease/b", "2", id);
    put("lease/a", "1", id);

    LeaseKeepAliveResponse renewed = get(leases.keepAliveOnce(id));
    assertThat(renewed.getID()).isEqualTo(id);
    assertThat(renewed.getTTL()).isEqualTo(TTL_SECONDS);
    LeaseTimeToLiveResponse left =
        get(leases.timeToLive(id, LeaseOption.builder().withAttachedKeys().build()));
    assertThat(left.getGrantedTTL()).isEqualTo(TTL_SECONDS);
    assertThat(left.getTTL()).isBetween(TTL_SECONDS - 5, TTL_SECONDS);
    assertThat(left.getKeys()).containsExactlyInAnyOrder(bytes("lease/a"), bytes("lease/b"));

    get(leases.revoke(id));

    assertThat(get(leases.timeToLive(id, LeaseOption.DEFAULT)).getTTL()).isEqualTo(-1);
    assertThat(get(client.getKVClient().get(bytes("lease/a"))).getKvs()).isEmpty();
    assertThatThrownBy(() -> get(leases.revoke(id)))
        .hasMessageContaining("NOT_FOUND: etcdserver: requested lease not found");
  }

  @Test
  void keepAliveHoldsShortLeaseUntilItIsClosed() throws Exception {
    Lease leases = client.getLeaseClient();
    long id = get(leases.grant(2)).getID();
    put("kept alive", "", id);
    AtomicInteger renewals = new AtomicInteger();
    CloseableClient keepAlive =
        leases.keepAlive(
            id,
            new StreamObserver<>() {
              @Override
              public void onNext(LeaseKeepAliveResponse response) {
                renewals.incrementAndGet();
              }

              @Override
              public void onError(Throwable cause) {}

              @Override
              public void onCompleted() {}
            });

    Conditions.await("renewals for longer than the TTL", MAX, () -> renewals.get() >= 5);
    assertThat(get(client.getKVClient().get(bytes("kept alive"))).getKvs()).hasSize(1);

    keepAlive.close();
    Conditions.await(
        "the key goes with its lease",
        MAX,
        () -> get(client.getKVClient().get(bytes("kept alive"))).getKvs().isEmpty());
  }

  @Test
  void keysArePutReadAndDeleted() throws Exception {
    KV keys = client.getKVClient();
    long first = put("kv/a", "1", 0);
    put("kv/c", "3", 0);
    put("kv/b", "2", 0);
    assertThat(
            get(keys.put(bytes("kv/a"), bytes("new"), PutOption.builder().withPrevKV().build()))
                .getPrevKv()
                .getValue())
        .isEqualTo(bytes("1"));

    GetResponse all =
        get(
            keys.get(
                bytes("kv/"),
                GetOption.builder()
                    .isPrefix(true)
                    .withSortField(GetOption.SortTarget.CREATE)
                    .withSortOrder(GetOption.SortOrder.DESCEND)
                    .withLimit(2)
                    .build()));
    assertThat(all.getKvs())
        .extracting(KeyValue::getKey)
        .containsExactly(bytes("kv/b"), bytes("kv/c"));
    assertThat(all.getCount()).isEqualTo(3);
    assertThat(all.isMore()).isTrue();
    KeyValue old =
        get(keys.get(bytes("kv/a"), GetOption.builder().withRevision(first).build()))
            .getKvs()
            .get(0);
    assertThat(old.getValue()).isEqualTo(bytes("1"));
    assertThat(old.getVersion()).isEqualTo(1);
    KeyValue now =
        get(keys.get(bytes("kv/a"), GetOption.builder().withSerializable(false).build()))
            .getKvs()
            .get(0);
    assertThat(now.getVersion()).isEqualTo(2);
    assertThat(now.getCreateRevision()).isEqualTo(first);

    assertThat(
            get(keys.delete(
                    bytes("kv/"), DeleteOption.builder().isPrefix(true).withPrevKV(true).build()))
                .getPrevKvs())
        .extracting(KeyValue::getValue)
        .containsExactly(bytes("new"), bytes("2"), bytes("3"));
  }

  @Test
  void transactionsTakeOneBranchAsAWhole() throws Exception {
    KV keys = client.getKVClient();
    Cmp isNew = new Cmp(bytes("txn"), Cmp.Op.EQUAL, CmpTarget.createRevision(0));
    Op putOne = Op.put(bytes("txn"), bytes("1"), PutOption.DEFAULT);
    Op look = Op.get(bytes("txn"), GetOption.DEFAULT);

    TxnResponse created = get(keys.txn().If(isNew).Then(putOne, look).Else(look).commit());
    TxnResponse refused = get(keys.txn().If(isNew).Then(putOne).Else(look).commit());

    assertThat(created.isSucceeded()).isTrue();
    assertThat(created.getGetResponses().get(0).getKvs().get(0).getCreateRevision())
        .isEqualTo(created.getHeader().getRevision());
    assertThat(refused.isSucceeded()).isFalse();
    assertThat(refused.getGetResponses().get(0).getKvs().get(0).getValue()).isEqualTo(bytes("1"));
    assertThat(refused.getHeader().getRevision()).isEqualTo(created.getHeader().getRevision());
    TxnResponse nested =
        get(
            keys.txn()
                .If(new Cmp(bytes("txn"), Cmp.Op.GREATER, CmpTarget.version(0)))
                .Then(
                    Op.txn(
                        new Cmp[] {
                          new Cmp(bytes("txn"), Cmp.Op.EQUAL, CmpTarget.value(bytes("1")))
                        },
                        new Op[] {Op.delete(bytes("txn"), DeleteOption.DEFAULT)},
                        new Op[0]))
                .commit());
    assertThat(nested.getTxnResponses().get(0).isSucceeded()).isTrue();
    assertThat(nested.getTxnResponses().get(0).getDeleteResponses().get(0).getDeleted())
        .isEqualTo(1);
  }

  @Test
  void watchTellsOfChangesSinceRevisionWithWhatWasBefore() throws Exception {
    long first = put("watch/a", "1", 0);
    try (Seen seen = new Seen(client, "watch/", first)) {
      put("watch/a", "2", 0);
      get(client.getKVClient().delete(bytes("watch/a")));

      List<WatchEvent> events = seen.await(3);

      assertThat(events)
          .extracting(WatchEvent::getEventType)
          .containsExactly(
              WatchEvent.EventType.PUT, WatchEvent.EventType.PUT, WatchEvent.EventType.DELETE);
      assertThat(events.get(1).getPrevKV().getValue()).isEqualTo(bytes("1"));
      assertThat(events.get(2).getPrevKV().getValue()).isEqualTo(bytes("2"));
      assertThat(events)
          .extracting(event -> event.getKeyValue().getModRevision())
          .containsExactly(first, first + 1, first + 2);
    }
  }

  @Test
  void watchOfCompactedHistorySaysFromWhereItGoesOn() throws Exception {
    long old = put("compacted", "1", 0);
    long newest = put("compacted", "2", 0);
    get(client.getKVClient().compact(newest));
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Watch.Watcher watcher =
        client
            .getWatchClient()
            .watch(
                bytes("compacted"),
                WatchOption.builder().withRevision(old).build(),
                response -> {},
                failure::set);
    Conditions.await("the watch fails", MAX, () -> failure.get() != null);
    watcher.close();

    assertThat(failure.get())
        .isInstanceOfSatisfying(
            CompactedException.class, e -> assertThat(e.getCompactedRevision()).isEqualTo(newest));
  }

  @Test
  void watchGoesOnWithoutGapAfterItsMemberWasKilled() throws Exception {
    MemberProcess victim = cluster.follower();
    try (Client watching = JetcdClients.of(List.of(victim));
        Client writing =
            JetcdClients.of(
                cluster.members().stream().filter(member -> member != victim).toList());
        Seen seen = new Seen(watching, "gap/", 0)) {
      // A watch from now on has begun once it tells of something.
      Conditions.await(
          "the watch has begun",
          MAX,
          () -> {
            get(writing.getKVClient().put(bytes("gap/begin"), bytes("")));
            return !seen.events().isEmpty();
          });
      int before = seen.events().size();
      write(writing, "gap/", 0, 20);
      seen.await(before + 20);

      victim.kill();
      write(writing, "gap/", 20, 40);
      victim.start();
      cluster.awaitReady();
      write(writing, "gap/", 40, 60);

      List<String> values =
          seen.awaitValue("59").stream()
              .map(event -> event.getKeyValue().getValue().toString())
              .filter(value -> !value.isEmpty())
              .toList();
      assertThat(values)
          .containsExactlyElementsOf(IntStream.range(0, 60).mapToObj(Integer::toString).toList());
    }
  }

  @Test
  void lockIsHeldByOneLeaseAtATime() throws Exception {
    Lock locks = client.getLockClient();
    long first = get(client.getLeaseClient().grant(TTL_SECONDS)).getID();
    long second = get(client.getLeaseClient().grant(TTL_SECONDS)).getID();
    long third = get(client.getLeaseClient().grant(TTL_SECONDS)).getID();

    ByteSequence held = get(locks.lock(bytes("lock"), first)).getKey();
    assertThat(held.toString()).isEqualTo("lock/" + Long.toHexString(first));
    assertThat(get(locks.lock(bytes("lock"), first)).getKey()).isEqualTo(held);
    CompletableFuture<LockResponse> next = locks.lock(bytes("lock"), second);
    awaitQueue(2);
    CompletableFuture<LockResponse> last = locks.lock(bytes("lock"), third);
    awaitQueue(3);
    assertThat(next).isNotDone();

    get(locks.unlock(held));
    ByteSequence passed = get(next).getKey();
    assertThat(last).isNotDone();
    // The end of the holder's lease passes the lock on as well.
    get(client.getLeaseClient().revoke(second));

    assertThat(passed.toString()).isEqualTo("lock/" + Long.toHexString(second));
    assertThat(get(last).getKey().toString()).isEqualTo("lock/" + Long.toHexString(third));
    get(client.getLeaseClient().revoke(first));
    get(client.getLeaseClient().revoke(third));
    assertThat(get(client.getKVClient().get(bytes("lock/"), prefix())).getKvs()).isEmpty();
  }

  @Test
  void electionHasOneLeaderWhoProclaimsAndResigns() throws Exception {
    Election elections = client.getElectionClient();
    ByteSequence name = bytes("election");
    long first = get(client.getLeaseClient().grant(TTL_SECONDS)).getID();
    long second = get(client.getLeaseClient().grant(TTL_SECONDS)).getID();
    assertThatThrownBy(() -> get(elections.leader(name))).isInstanceOf(NoLeaderException.class);
    List<String> observed = new CopyOnWriteArrayList<>();
    elections.observe(
        name,
        new Election.Listener() {
          @Override
          public void onNext(LeaderResponse response) {
            observed.add(response.getKv().getValue().toString());
          }

          @Override
          public void onError(Throwable cause) {}

          @Override
          public void onCompleted() {}
        });

    LeaderKey leader = get(elections.campaign(name, first, bytes("one"))).getLeader();
    assertThat(leader.getKey().toString()).isEqualTo("election/" + Long.toHexString(first));
    assertThat(leader.getLease()).isEqualTo(first);
    assertThat(get(elections.leader(name)).getKv().getValue()).isEqualTo(bytes("one"));
    Conditions.await("the leader is observed", MAX, () -> observed.contains("one"));
    var waiting = elections.campaign(name, second, bytes("two"));
    get(elections.proclaim(leader, bytes("still one")));
    Conditions.await("the proclamation is observed", MAX, () -> observed.contains("still one"));
    assertThat(waiting).isNotDone();

    get(elections.resign(leader));

    LeaderKey next = get(waiting).getLeader();
    assertThat(next.getRevision()).isGreaterThan(leader.getRevision());
    assertThat(get(elections.leader(name)).getKv().getValue()).isEqualTo(bytes("two"));
    Conditions.await("the next leader is observed", MAX, () -> observed.contains("two"));
    assertThat(observed).containsSubsequence("one", "still one", "two");
    assertThatThrownBy(() -> get(elections.proclaim(leader, bytes("late"))))
        .isInstanceOf(NotLeaderException.class);
    get(client.getLeaseClient().revoke(first));
    get(client.getLeaseClient().revoke(second));
    assertThatThrownBy(() -> get(elections.leader(name))).isInstanceOf(NoLeaderException.class);
  }

  private void awaitQueue(int size) {
    Conditions.await(
        size + " in the lock's queue",
        MAX,
        () -> get(client.getKVClient().get(bytes("lock/"), prefix())).getKvs().size() == size);
  }

  /** Everything one watcher is told. */
  private static final class Seen implements AutoCloseable {
    private final List<WatchEvent> events = new CopyOnWriteArrayList<>();
    private final Watch.Watcher watcher;

    Seen(Client client, String prefix, long revision) {
      watcher =
          client
              .getWatchClient()
              .watch(
                  bytes(prefix),
                  WatchOption.builder()
                      .isPrefix(true)
                      .withPrevKV(true)
                      .withRevision(revision)
                      .build(),
                  response -> events.addAll(response.getEvents()));
    }

    List<WatchEvent> events() {
      return new ArrayList<>(events);
    }

    List<WatchEvent> await(int count) {
      Conditions.await(count + " events", MAX, () -> events().size() >= count);
      return events();
    }

    List<WatchEvent> awaitValue(String value) {
      Conditions.await(
          "an event with value " + value,
          MAX.plus(MAX),
          () ->
              events().stream()
                  .anyMatch(event -> event.getKeyValue().getValue().equals(bytes(value))));
      return events();
    }

    @Override
    public void close() {
      watcher.close();
    }
  }

  private static void write(Client client, String prefix, int from, int to) throws Exception {
    for (int i = from; i < to; i++) {
      get(client.getKVClient().put(bytes(prefix + i % 3), bytes(Integer.toString(i))));
    }
  }

  /** Returns the revision. */
  private long put(String key, String value, long leaseId) throws Exception {
    return get(client
            .getKVClient()
            .put(bytes(key), bytes(value), PutOption.builder().withLeaseId(leaseId).build()))
        .getHeader()
        .getRevision();
  }

  private static GetOption prefix() {
    return GetOption.builder().isPrefix(true).build();
  }

  private static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }

  /** Waits for an answer and throws what the client failed with. */
  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(MAX.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }
}
