package io.leasehold.raft.jraft;

import static org.assertj.core.api.Assertions.assertThat;

import com.alipay.sofa.jraft.Closure;
import com.alipay.sofa.jraft.Iterator;
import com.alipay.sofa.jraft.Status;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.raft.PeerAddress;
import io.leasehold.raft.codec.EntryCodec;
import io.leasehold.raft.storage.RocksStateStore;
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
            machine,
            store,
            keyChanges,
            new Snapshots(store, Runnable::run, fatalLines::add),
            new AppliedWaiters(),
            new NoRoles(),
            () -> {},
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
    public void leaderStarted(long term) {}

    @Override
    public void leaderStopped() {}

    @Override
    public void following(long term, PeerAddress leader) {}

    @Override
    public void leaderLost(long term) {}

    @Override
    public void configured(List<PeerAddress> voters) {}
  }
}
