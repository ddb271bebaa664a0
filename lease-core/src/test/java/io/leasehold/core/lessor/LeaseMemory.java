package io.leasehold.core.lessor;

import io.leasehold.core.command.Command;
import io.leasehold.core.key.KeyListener;
import io.leasehold.core.key.MemoryKeyStore;
import io.leasehold.core.lease.Lease;
import io.leasehold.core.state.AlarmRecord;
import io.leasehold.core.state.LeaseListener;
import io.leasehold.core.state.LeaseStateMachine;
import io.leasehold.core.state.MemberRecord;
import io.leasehold.core.state.StateStore;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Measures what live leases without keys cost in heap on a leader: the record, its entry in the
 * table and its entry in the schedule.
 *
 * <p>Run it with a leases count and a fixed heap, for example {@code java -Xmx2g ... LeaseMemory
 * 10000000}.
 */
public final class LeaseMemory {
  private LeaseMemory() {}

  /** Prints one line of figures. */
  public static void main(String[] args) {
    int count = args.length > 0 ? Integer.parseInt(args[0]) : 1_000_000;
    System.out.println(measure(count));
  }

  /** What was measured: bytes a lease in all, and of those in the table of IDs. */
  record Figures(int leases, double bytesPerLease, double tableBytesPerLease) {
    double withoutTable() {
      return bytesPerLease - tableBytesPerLease;
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d leases: %.1f bytes of heap each, %.1f of them in the ID table, %.1f without it",
          leases,
          bytesPerLease,
          tableBytesPerLease,
          withoutTable());
    }
  }

  static Figures measure(int count) {
    long before = usedHeap();
    LessorHolder holder = new LessorHolder();
    LeaseStateMachine machine =
        new LeaseStateMachine(new Discard(), new MemoryKeyStore(), holder, KeyListener.NONE);
    FakeClock clock = new FakeClock(0);
    Lessor lessor =
        new Lessor(
            1,
            LessorConfig.of(1_000_000_000L, 60_000_000_000L),
            machine.leases(),
            clock,
            (command, term, callback) -> {},
            LessorObserver.NONE,
            () -> {});
    holder.lessor = lessor;
    for (int i = 1; i <= count; i++) {
      machine.apply(1, new Command.Grant(i * 0x9e3779b97f4a7c15L, 30_000));
      if (i % 1000 == 0) {
        lessor.tick(clock.nanoTime());
      }
    }
    lessor.tick(clock.nanoTime());
    double bytes = (double) (usedHeap() - before) / count;
    double table = (double) machine.leases().capacity() * 4 / count;
    if (lessor.watched() != count) {
      throw new IllegalStateException("the schedule holds " + lessor.watched());
    }
    return new Figures(count, bytes, table);
  }

  private static long usedHeap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static final class LessorHolder implements LeaseListener {
    private Lessor lessor;

    @Override
    public void granted(Lease lease) {
      lessor.granted(lease);
    }

    @Override
    public void revoked(List<Lease> leases) {
      lessor.revoked(leases);
    }

    @Override
    public void checkpointed(List<Lease> leases) {
      lessor.checkpointed(leases);
    }
  }

  private static final class Discard implements StateStore {
    @Override
    public void putLease(long leaseId, long ttlMillis, long endMillis) {}

    @Override
    public void putLeaseTime(long millis) {}

    @Override
    public long leaseTimeMillis() {
      return 0;
    }

    @Override
    public void deleteLease(long leaseId) {}

    @Override
    public void putMember(MemberRecord member) {}

    @Override
    public void putAlarm(AlarmRecord alarm) {}

    @Override
    public void deleteAlarm(AlarmRecord alarm) {}

    @Override
    public void forEachLease(LeaseVisitor visitor) {}

    @Override
    public void forEachMember(Consumer<MemberRecord> visitor) {}

    @Override
    public void forEachAlarm(Consumer<AlarmRecord> visitor) {}
  }
}
