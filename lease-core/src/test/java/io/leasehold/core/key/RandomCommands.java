package io.leasehold.core.key;

import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.RevokeCause;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Commands on few keys and few leases, so that they get in each other's way; among them such as no
 * server would let through. Always the same for the same seed.
 */
public final class RandomCommands {
  public static final long TERM = 1;
  public static final List<Long> LEASES = List.of(1L, 2L, 3L, -1L, Long.MAX_VALUE, Long.MIN_VALUE);

  public static final List<Bytes> KEYS =
      List.of(
          key(0),
          key(0, 0),
          key('a'),
          key('a', 0),
          key('a', 0, 0xff),
          key('a', 1),
          key('a', 'b'),
          key('b'),
          key('b', 0xff),
          key('b', 0xff, 0xff),
          key('c'),
          key(0xff),
          key(0xff, 0xff));

  private static final int DEPTH_MAX = 2;

  private final Random random;
  private long revision;

  public RandomCommands(Random random) {
    this.random = random;
  }

  static Bytes key(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return Bytes.wrap(array);
  }

  /**
   * Returns a command.
   *
   * @param nowRevision the revision near which to ask
   */
  public Command next(long nowRevision) {
    revision = nowRevision;
    int dice = random.nextInt(100);
    if (dice < 66) {
      return new Command.Transact(dice < 30 ? Txn.of(op(DEPTH_MAX, false)) : txn(0, false));
    } else if (dice < 82) {
      return new Command.Grant(lease(), 5000);
    } else if (dice < 90) {
      return revoke();
    } else if (dice < 94) {
      return new Command.Compact(aRevision());
    }
    return new Command.SetAlarm(
        1 + random.nextInt(2), random.nextInt(3) == 0 ? Alarm.CORRUPT : Alarm.NO_SPACE, dice == 94);
  }

  /** Returns a command that ends every alarm of a kind. */
  static Command calm(Alarm alarm) {
    return new Command.SetAlarm(0, alarm, false);
  }

  Txn readOnlyTxn(long nowRevision) {
    revision = nowRevision;
    return txn(0, true);
  }

  RangeQuery query(long nowRevision) {
    revision = nowRevision;
    return query();
  }

  private Command revoke() {
    long[] ids = random.longs(1 + random.nextInt(3), 0, LEASES.size()).toArray();
    for (int i = 0; i < ids.length; i++) {
      ids[i] = LEASES.get((int) ids[i]);
    }
    return random.nextBoolean()
        ? new Command.Revoke(LeaseIds.of(ids), RevokeCause.REQUESTED, Command.NOT_FENCED)
        : new Command.Revoke(LeaseIds.of(ids), RevokeCause.EXPIRED, TERM);
  }

  private Txn txn(int depth, boolean isReadOnly) {
    List<Comparison> comparisons = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      comparisons.add(comparison());
    }
    return new Txn(comparisons, ops(depth, isReadOnly), ops(depth, isReadOnly));
  }

  private List<Op> ops(int depth, boolean isReadOnly) {
    List<Op> ops = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      ops.add(op(depth, isReadOnly));
    }
    return ops;
  }

  private Op op(int depth, boolean isReadOnly) {
    int dice = random.nextInt(100);
    if (dice < 15 && depth < DEPTH_MAX) {
      return new Op.Nested(txn(depth + 1, isReadOnly));
    } else if (dice < 40 || isReadOnly) {
      return new Op.Range(query());
    } else if (dice < 85) {
      return put();
    }
    return new Op.DeleteRange(range(), random.nextBoolean());
  }

  private Op put() {
    boolean keepsLease = random.nextInt(6) == 0;
    boolean hangs = !keepsLease && random.nextBoolean();
    return new Op.Put(
        key(),
        value(),
        hangs ? lease() : 0,
        random.nextInt(6) == 0,
        keepsLease,
        random.nextBoolean());
  }

  private Comparison comparison() {
    Comparison.Target target = pick(Comparison.Target.values());
    long number =
        switch (target) {
          case VERSION -> random.nextInt(3);
          case CREATE, MOD -> random.nextBoolean() ? 0 : aRevision();
          case LEASE -> random.nextBoolean() ? 0 : lease();
          case VALUE -> 0;
        };
    return new Comparison(
        range(),
        target,
        pick(Comparison.Relation.values()),
        number,
        target == Comparison.Target.VALUE ? value() : Bytes.EMPTY);
  }

  private RangeQuery query() {
    return new RangeQuery(
        range(),
        random.nextInt(4) > 0 ? random.nextInt(2) - 1 : aRevision(),
        random.nextBoolean() ? 0 : random.nextInt(6) - 1,
        pick(RangeQuery.SortTarget.values()),
        pick(RangeQuery.SortOrder.values()),
        filter(),
        filter(),
        filter(),
        filter(),
        random.nextInt(4) == 0,
        random.nextInt(6) == 0);
  }

  private long filter() {
    return random.nextInt(5) > 0 ? 0 : aRevision();
  }

  /** Returns a revision up to a little beyond the newest, often near it. */
  private long aRevision() {
    long back = random.nextBoolean() ? random.nextInt(6) : random.nextLong(revision + 1);
    return Math.max(0, revision + 2 - back);
  }

  KeyRange range() {
    return switch (random.nextInt(8)) {
      case 0, 1, 2 -> KeyRange.single(key());
      case 3 -> KeyRange.prefix(key());
      case 4 -> KeyRange.of(key(), key(0));
      case 5 -> KeyRange.prefix(Bytes.EMPTY);
      default -> new KeyRange(key(), key()); // often empty
    };
  }

  private Bytes key() {
    return KEYS.get(random.nextInt(KEYS.size()));
  }

  private Bytes value() {
    return Bytes.utf8("value".substring(random.nextInt(6)));
  }

  private long lease() {
    return LEASES.get(random.nextInt(LEASES.size()));
  }

  private <T> T pick(T[] values) {
    return values[random.nextInt(values.length)];
  }
}
