package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import com.alipay.sofa.jraft.entity.RaftOutter.SnapshotMeta;
import com.alipay.sofa.jraft.option.RaftOptions;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotReader;
import com.alipay.sofa.jraft.storage.snapshot.SnapshotWriter;
import com.alipay.sofa.jraft.storage.snapshot.local.LocalSnapshotStorage;
import com.alipay.sofa.jraft.util.Endpoint;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.KeyReading;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.Txn;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.raft.CountingObserver;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.codec.EntryCodec;
import io.leasehold.raft.storage.RocksStateStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AppliedLogTest {
  private static final long TERM = 3;

  @TempDir Path root;
  private final List<String> fatalLines = new ArrayList<>();
  private final CountingObserver observer = new CountingObserver();
  private final CommitHorizon horizon = new CommitHorizon();
  private final CommittedKeyChanges keyChanges = new CommittedKeyChanges();
  private RocksStateStore store;
  private LeaseStateMachine machine;
  private AppliedLog log;

  @BeforeEach
  void open() {
    store = RocksStateStore.open(root.resolve("state"));
    machine = new LeaseStateMachine(store, store.keys(), new NoListener(), keyChanges);
    log =
        new AppliedLog(
            System::nanoTime,
            machine,
            store,
            keyChanges,
            new Snapshots(store, Runnable::run, fatalLines::add),
            horizon,
            new AppliedWaiters(),
            new NoRoles(),
            observer,
            fatalLines::add);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void anUndecodableEntryStopsTheMemberAndIsNotPassedOver() {
    Entries entries =
        new Entries(7, grant(1), ByteBuffer.wrap(new byte[] {(byte) 0xff, 1, 2}), grant(2));
    log.onApply(entries);
    assertThat(fatalLines).hasSize(1);
    assertThat(fatalLines.get(0)).contains("log entry 8");
    assertThat(entries.error).isNotNull();
    assertThat(machine.leases().get(2)).isNull();
    assertThat(store.appliedIndex()).isLessThan(8);
  }

  @Test
  void entriesThatAreInTheStateAlreadyArePassedOver() {
    log.onApply(new Entries(7, grant(1), revoke(1), grant(2)));
    assertThat(store.appliedIndex()).isEqualTo(9);
    long hash = machine.stateHash();
    log.onApply(new Entries(7, grant(1), revoke(1), grant(2), grant(3)));
    assertThat(store.appliedIndex()).isEqualTo(10);
    assertThat(machine.leases().get(1)).isNull();
    assertThat(machine.leases().get(3)).isNotNull();
    assertThat(machine.stateHash()).isNotEqualTo(hash);
    assertThat(fatalLines).isEmpty();
  }

  @Test
  void whatOthersSeeIsOfOneMoment() {
    log.onApply(new Entries(1, grant(1)));
    assertThat(log.applied().index()).isEqualTo(1);
    assertThat(log.applied().term()).isEqualTo(TERM);
    assertThat(log.applied().stateHash()).isEqualTo(machine.stateHash());
  }

  @Test
  void changesOfKeysAreToldOnceTheyCanBeRead() {
    List<String> told = new ArrayList<>();
    keyChanges.listener(new Telling(told, store));
    log.onApply(new Entries(1, put("a"), put("b"), compact(3)));
    assertThat(told)
        .containsExactly("changed 2 readable at 3", "changed 3 readable at 3", "compacted 3");
    assertThat(log.applied().revision()).isEqualTo(3);
  }

  @Test
  void largeEntriesAreCommittedBeforeTheyFillTheMemory() {
    List<String> told = new ArrayList<>();
    keyChanges.listener(new Telling(told, store));
    // Each counts twice: as part of its entry, and as a key.
    byte[] threeMebibytes = new byte[3 << 20];
    log.onApply(new Entries(1, put(threeMebibytes), put(threeMebibytes), put(threeMebibytes)));
    assertThat(told)
        .containsExactly(
            "changed 2 readable at 3", "changed 3 readable at 3", "changed 4 readable at 4");
    assertThat(observer.applies()).isEqualTo(2);
  }

  @Test
  void afterASnapshotTheListenerIsToldToLookAgain() throws IOException {
    LocalSnapshotStorage storage =
        new LocalSnapshotStorage(root.resolve("snapshots").toString(), "", new RaftOptions());
    assertThat(storage.init(null)).isTrue();
    storage.setServerAddr(new Endpoint("localhost", 1));
    try (RocksStateStore other = RocksStateStore.open(root.resolve("other"))) {
      LeaseStateMachine source =
          new LeaseStateMachine(other, other.keys(), new NoListener(), KeyListener.NONE);
      for (int i = 0; i < 5; i++) {
        source.apply(TERM, put(Bytes.utf8("k"), new byte[1]));
      }
      other.commit(40, TERM);
      SnapshotWriter writer = storage.create();
      new Snapshots(other, Runnable::run, fatalLines::add).save(writer, status -> {});
      writer.saveMeta(
          SnapshotMeta.newBuilder().setLastIncludedIndex(40).setLastIncludedTerm(TERM).build());
      writer.close();
    }
    List<String> told = new ArrayList<>();
    keyChanges.listener(new Telling(told, store));
    log.onApply(new Entries(1, put("a")));
    try (SnapshotReader reader = storage.open()) {
      assertThat(log.onSnapshotLoad(reader)).isTrue();
    }
    log.onApply(new Entries(41, put("b")));
    assertThat(told)
        .containsExactly("changed 2 readable at 2", "reset 6", "changed 7 readable at 7");
  }

  private static Command put(Bytes key, byte[] value) {
    return new Command.Transact(Txn.of(new Op.Put(key, Bytes.wrap(value), 0, false, false, false)));
  }

  private static ByteBuffer put(String key) {
    return EntryCodec.encode(List.of(put(Bytes.utf8(key), new byte[1])));
  }

  private static ByteBuffer put(byte[] value) {
    return EntryCodec.encode(List.of(put(Bytes.utf8("k"), value)));
  }

  private static ByteBuffer compact(long revision) {
    return EntryCodec.encode(List.of(new Command.Compact(revision)));
  }

  private static ByteBuffer grant(long leaseId) {
    return EntryCodec.encode(List.of(new Command.Grant(leaseId, 60_000)));
  }

  private static ByteBuffer revoke(long leaseId) {
    return EntryCodec.encode(
        List.of(new Command.Revoke(LeaseIds.of(leaseId), RevokeCause.REQUESTED, 0)));
  }

  /** Committed entries from an index on. */
  private static final class Entries implements Iterator {
    private final long first;
    private final ByteBuffer[] data;
    private int position;
    private Status error;

    private Entries(long first, ByteBuffer... data) {
      this.first = first;
      this.data = data;
    }

    @Override
    public boolean hasNext() {
      return error == null && position < data.length;
    }

    @Override
    public ByteBuffer next() {
      position++;
      return hasNext() ? data[position] : null;
    }

    @Override
    public ByteBuffer getData() {
      return data[position];
    }

    @Override
    public long getIndex() {
      return first + position;
    }

    @Override
    public long getTerm() {
      return TERM;
    }

    @Override
    public Closure done() {
      return null;
    }

    @Override
    public void setAutoCommitPerLog(boolean status) {}

    @Override
    public boolean commit() {
      return true;
    }

    @Override
    public void commitAndSnapshotSync(Closure done) {}

    @Override
    public void setErrorAndRollback(long count, Status status) {
      error = status;
    }
  }

  private record Telling(List<String> told, RocksStateStore store) implements KeyListener {
    @Override
    public void changed(long revision, List<KeyEvent> events) {
      try (KeyReading reading = store.openKeys()) {
        told.add("changed " + revision + " readable at " + reading.revision());
      }
    }

    @Override
    public void deletedAttached(long revision, long leaseId) {
      told.add("deleted " + revision);
    }

    @Override
    public void compacted(long revision) {
      told.add("compacted " + revision);
    }

    @Override
    public void reset(long revision) {
      told.add("reset " + revision);
    }
  }

  private static final class NoListener implements LeaseListener {
    @Override
    public void granted(Lease lease) {}

    @Override
    public void revoked(List<Lease> leases) {}

    @Override
    public void checkpointed(List<Lease> leases) {}
  }

  private static final class NoRoles implements AppliedLog.Roles {
    @Override
    public void entriesCommitted(long index, long term) {}

    @Override
    public void entriesApplied(long index, long term) {}

    @Override
    public void leaderStarted(long term) {}

    @Override
    public void leaderStopped(String why) {}

    @Override
    public void following(long term, PeerAddress leader) {}

    @Override
    public void leaderLost(long term) {}

    @Override
    public void configured(List<PeerAddress> voters) {}
  }
}
