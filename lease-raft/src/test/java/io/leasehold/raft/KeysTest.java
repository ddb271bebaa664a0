package io.leasehold.raft;

import static org.assertj.core.api.Assertions.assertThat;

import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Outcome;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.KeyValue;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import io.leasehold.core.log.ProposalResult;
import io.leasehold.raft.cluster.Await;
import io.leasehold.raft.cluster.LocalCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Keys on real members: the same everywhere, after restarts and snapshots too. */
@Timeout(90)
class KeysTest {
  private static final int LONGEST_VALUE_BYTES = 3 << 19;

  private static final int LONGEST_VALUES = 4;

  @TempDir Path root;

  @Test
  void membersHoldTheSameKeysAndTellOfEachChangeOnceItCanBeRead() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      List<Heard> heard = new ArrayList<>();
      for (String name : cluster.names()) {
        Heard listener = new Heard(cluster.replica(name));
        cluster.replica(name).onKeyChange(listener);
        heard.add(listener);
      }
      cluster.grant(1);
      for (int i = 2; i <= 10; i++) {
        assertThat(((Outcome.Transacted) cluster.apply(put("k" + i, 10, 1))).revision())
            .isEqualTo(i);
      }
      Outcome revoked = cluster.apply(new Command.Revoke(LeaseIds.of(1), RevokeCause.REQUESTED, 0));
      assertThat(revoked).isEqualTo(new Outcome.Revoked(1, 11));
      cluster.apply(new Command.Compact(11));
      cluster.awaitSameState();
      for (Heard listener : heard) {
        Await.until("all told", LocalCluster.PATIENCE, () -> listener.told.size() == 11);
        assertThat(listener.told)
            .containsExactly(
                "2: k2",
                "3: k3",
                "4: k4",
                "5: k5",
                "6: k6",
                "7: k7",
                "8: k8",
                "9: k9",
                "10: k10",
                "11: k10 k2 k3 k4 k5 k6 k7 k8 k9",
                "compacted 11");
        assertThat(listener.unread).isEmpty();
      }
      for (String name : cluster.names()) {
        Replica replica = cluster.replica(name);
        CompletableFuture<Boolean> scrubbed = new CompletableFuture<>();
        replica.whenScrubbed(11, scrubbed::complete);
        assertThat(LocalCluster.await(scrubbed)).isTrue();
        assertThat(replica.revision()).isEqualTo(11);
      }
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void theLongestValuesPassSeveralAtOnce() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 100_000)) {
      String leader = cluster.awaitLeader();
      Map<Command, CompletableFuture<ProposalResult>> proposals = new LinkedHashMap<>();
      for (int i = 0; i < LONGEST_VALUES; i++) {
        for (Command put : List.of(put("k" + i, LONGEST_VALUE_BYTES, 0), put("s" + i, 10, 0))) {
          proposals.put(put, cluster.propose(leader, put));
        }
      }
      proposals.forEach(
          (put, proposal) -> {
            // On a slow disk the members may elect another leader meanwhile.
            if (!(LocalCluster.await(proposal) instanceof ProposalResult.Applied)) {
              cluster.apply(put);
            }
          });
      cluster.awaitSameState();
      for (String name : cluster.names()) {
        try (KeyReading reading = cluster.replica(name).openKeys()) {
          long now = reading.revision();
          for (int i = 0; i < LONGEST_VALUES; i++) {
            KeyValue found = reading.get(Bytes.utf8("k" + i), now);
            assertThat(found.value().length()).isEqualTo(LONGEST_VALUE_BYTES);
          }
        }
      }
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  @Test
  void aMemberThatCatchesUpBySnapshotHasTheKeysAndSaysSo() {
    try (LocalCluster cluster = LocalCluster.started(root, 3, 25)) {
      cluster.apply(put("first", 10, 0));
      String follower = cluster.follower();
      cluster.stop(follower);
      for (int i = 0; i < 150; i++) {
        cluster.apply(put("k" + i, 10, 0));
      }
      cluster.start(follower);
      cluster.awaitLeader();
      Replica replica = cluster.replica(follower);
      Await.until("a snapshot", LocalCluster.PATIENCE, () -> replica.revision() == 152);
      cluster.apply(put("last", 10, 0));
      cluster.awaitSameState();
      try (KeyReading reading = replica.openKeys();
          KeyReading leaders = cluster.replica(cluster.awaitLeader()).openKeys()) {
        assertThat(reading.get(Bytes.utf8("k7"), 153)).isNotNull();
        assertThat(reading.hash(153)).isEqualTo(leaders.hash(153));
      }
      assertThat(cluster.fatalLines()).isEmpty();
    }
  }

  private static Command put(String key, int valueBytes, long leaseId) {
    Bytes value = Bytes.wrap(new byte[valueBytes]);
    return new Command.Transact(
        Txn.of(new Op.Put(Bytes.utf8(key), value, leaseId, false, false, false)));
  }

  /** Notes what it is told, and whether that could not be read yet. */
  private static final class Heard implements KeyListener {
    private final Replica replica;
    private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> unread = new ConcurrentLinkedQueue<>();

    Heard(Replica replica) {
      this.replica = replica;
    }

    @Override
    public void changed(long revision, List<KeyEvent> events) {
      told.add(
          revision
              + ": "
              + String.join(" ", events.stream().map(event -> event.key().toString()).toList()));
      try (KeyReading reading = replica.openKeys()) {
        if (reading.revision() < revision) {
          unread.add("revision " + revision);
        }
      }
    }

    @Override
    public void deletedAttached(long revision, long leaseId) {
      told.add(revision + ": all of " + leaseId);
    }

    @Override
    public void compacted(long revision) {
      told.add("compacted " + revision);
    }
  }
}
