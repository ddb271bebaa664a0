package io.leasehold.raft.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.core.key.Bytes;
import io.leasehold.core.key.Comparison;
import io.leasehold.core.key.KeyRange;
import io.leasehold.core.key.Op;
import io.leasehold.core.key.RangeQuery;
import io.leasehold.core.key.Txn;
import io.leasehold.raft.proto.v1.CheckpointRecord;
import io.leasehold.raft.proto.v1.CommandRecord;
import io.leasehold.raft.proto.v1.EntryRecord;
import io.leasehold.raft.proto.v1.GrantRecord;
import io.leasehold.raft.proto.v1.OpRecord;
import io.leasehold.raft.proto.v1.PutOpRecord;
import io.leasehold.raft.proto.v1.RangeOpRecord;
import io.leasehold.raft.proto.v1.RegisterMemberRecord;
import io.leasehold.raft.proto.v1.RevokeCauseRecord;
import io.leasehold.raft.proto.v1.RevokeRecord;
import io.leasehold.raft.proto.v1.SetAlarmRecord;
import io.leasehold.raft.proto.v1.SortOrderRecord;
import io.leasehold.raft.proto.v1.TransactRecord;
import io.leasehold.raft.proto.v1.TxnRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class EntryCodecTest {
  private static final long SEED = 20_261_121;
  private static final int ROUNDS = 20_000;

  /** One entry for each kind of command; the name is that of the file with its bytes. */
  private static final Map<String, List<Command>> GOLDEN =
      new TreeMap<>(
          Map.of(
              "v1-grant", List.of(new Command.Grant(0x1234_5678_9abc_def0L, 60_000)),
              "v1-grant-negative-id", List.of(new Command.Grant(-1, Command.TTL_MAX_MILLIS)),
              "v1-revoke-requested",
                  List.of(
                      new Command.Revoke(
                          LeaseIds.of(7), RevokeCause.REQUESTED, Command.NOT_FENCED)),
              "v1-revoke-expired",
                  List.of(
                      new Command.Revoke(
                          LeaseIds.of(1, -2, Long.MIN_VALUE), RevokeCause.EXPIRED, 300)),
              "v1-checkpoint",
                  List.of(
                      new Command.Checkpoint(
                          LeaseIds.of(5, 6), Millis.of(0, Command.TTL_MAX_MILLIS), 0, 9)),
              "v1-register-member",
                  List.of(
                      new Command.RegisterMember(
                          "größe-1", "00ff", List.of("http://a:2379", "http://b:2379"), true)),
              "v1-several",
                  List.of(
                      new Command.Grant(3, 2_000),
                      new Command.Revoke(LeaseIds.of(3), RevokeCause.REQUESTED, 0),
                      new Command.Grant(3, 5_000)),
              "v2-transact", List.of(new Command.Transact(everyOp())),
              "v2-compact", List.of(new Command.Compact(300)),
              "v2-set-alarm",
                  List.of(
                      new Command.SetAlarm(-3, Alarm.NO_SPACE, true),
                      new Command.SetAlarm(0, Alarm.CORRUPT, false),
                      new Command.Grant(3, 2_000))));

  static {
    LeaseIds ids = LeaseIds.of(5, 6);
    Millis millis = Millis.of(0, Command.TTL_MAX_MILLIS);
    GOLDEN.put("v3-checkpoint", List.of(new Command.Checkpoint(ids, millis, 90_000, 9)));
    GOLDEN.put(
        "v3-lease-time", List.of(new Command.Checkpoint(LeaseIds.of(), Millis.of(), 90_000, 9)));
  }

  /** A transaction with each kind of operation and comparison. */
  private static Txn everyOp() {
    Bytes key = Bytes.utf8("k");
    KeyRange toEnd = new KeyRange(key, null);
    Comparison lease =
        new Comparison(
            toEnd, Comparison.Target.LEASE, Comparison.Relation.NOT_EQUAL, -7, Bytes.EMPTY);
    Comparison value =
        new Comparison(
            KeyRange.single(key),
            Comparison.Target.VALUE,
            Comparison.Relation.LESS,
            0,
            Bytes.wrap(new byte[] {0, -1}));
    RangeQuery query =
        new RangeQuery(
            KeyRange.prefix(key),
            5,
            6,
            RangeQuery.SortTarget.CREATE,
            RangeQuery.SortOrder.DESCEND,
            1,
            2,
            3,
            4,
            true,
            true);
    Op put = new Op.Put(key, Bytes.utf8("v"), -9, true, false, true);
    Op delete = new Op.DeleteRange(new KeyRange(Bytes.wrap(new byte[1]), null), true);
    return new Txn(
        List.of(lease, value),
        List.of(put, new Op.Range(query)),
        List.of(delete, new Op.Nested(Txn.of(new Op.Range(RangeQuery.all(toEnd))))));
  }

  @Test
  void entriesOfEarlierVersionsStillReadAndWriteTheSameBytes() throws Exception {
    for (Map.Entry<String, List<Command>> golden : GOLDEN.entrySet()) {
      byte[] bytes = golden(golden.getKey());
      assertThat(EntryCodec.decode(ByteBuffer.wrap(bytes)))
          .as(golden.getKey())
          .isEqualTo(golden.getValue());
      assertThat(HexFormat.of().formatHex(bytes(EntryCodec.encode(golden.getValue()))))
          .as(golden.getKey())
          .isEqualTo(HexFormat.of().formatHex(bytes));
    }
  }

  @Test
  void everyKindOfCommandHasGoldenBytes() {
    assertThat(GOLDEN.values().stream().flatMap(List::stream).map(Command::getClass).distinct())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Command.class.getPermittedSubclasses())
                .<Class<? extends Command>>map(kind -> kind.asSubclass(Command.class))
                .toList());
  }

  @Test
  void whatIsEncodedIsDecodedAgain() throws Exception {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      List<Command> commands = commands(random);
      ByteBuffer encoded = EntryCodec.encode(commands);
      int position = encoded.position();
      assertThat(EntryCodec.decode(encoded)).as("round %d", round).isEqualTo(commands);
      assertThat(encoded.position()).isEqualTo(position);
    }
  }

  @Test
  void directBuffersAndSlicesAreReadToo() throws Exception {
    List<Command> commands = List.of(new Command.Grant(3, 2_000));
    byte[] bytes = bytes(EntryCodec.encode(commands));
    ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length + 9).position(5).put(bytes);
    assertThat(EntryCodec.decode(direct.flip().position(5).asReadOnlyBuffer())).isEqualTo(commands);
  }

  @Test
  void damagedAndCutEntriesAreCorruptAndNothingElse() {
    Random random = new Random(SEED);
    int corrupt = 0;
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = bytes(EntryCodec.encode(commands(random)));
      if (random.nextBoolean()) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
      } else {
        for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        }
      }
      corrupt += isCorrupt(bytes) ? 1 : 0;
    }
    // The checksums of the log find the others: a flipped bit of an ID is an ID.
    assertThat(corrupt).isGreaterThan(ROUNDS / 4);
  }

  @Test
  void garbageIsCorruptAndNothingElse() {
    Random random = new Random(SEED);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      assertThat(isCorrupt(bytes)).as("round %d", round).isTrue();
    }
  }

  @Test
  void entriesOfANewerVersionAreNamedAsSuch() {
    GrantRecord grant = GrantRecord.newBuilder().setLeaseId(1).setTtlMillis(2).build();
    UnknownFieldSet unknown =
        UnknownFieldSet.newBuilder()
            .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
            .build();
    CommandRecord known = CommandRecord.newBuilder().setGrant(grant).build();
    List<EntryRecord> newer =
        List.of(
            entry(known).toBuilder().setSchema(4).build(),
            entry(known).toBuilder().setSchema(-1).build(),
            entry(known).toBuilder().setUnknownFields(unknown).build(),
            entry(CommandRecord.getDefaultInstance()),
            entry(CommandRecord.newBuilder().setUnknownFields(unknown).build()),
            entry(known.toBuilder().setUnknownFields(unknown).build()),
            entry(
                CommandRecord.newBuilder()
                    .setGrant(grant.toBuilder().setUnknownFields(unknown))
                    .build()),
            entry(
                CommandRecord.newBuilder()
                    .setRevoke(RevokeRecord.newBuilder().addLeaseIds(1).setCauseValue(3))
                    .build()),
            entry(CommandRecord.newBuilder().setSetAlarm(alarmOfKind(3)).build()),
            entry(transact(OpRecord.getDefaultInstance())),
            entry(
                transact(
                    OpRecord.newBuilder()
                        .setPut(PutOpRecord.newBuilder().setUnknownFields(unknown))
                        .build())),
            entry(
                transact(
                    OpRecord.newBuilder()
                        .setRange(
                            RangeOpRecord.newBuilder()
                                .setSortTargetValue(6)
                                .setSortOrder(SortOrderRecord.SORT_ORDER_NONE))
                        .build())));
    for (EntryRecord entry : newer) {
      assertThatThrownBy(() -> EntryCodec.decode(entry.toByteString().asReadOnlyByteBuffer()))
          .isInstanceOf(CorruptEntryException.class)
          .hasMessageStartingWith("a newer version wrote the entry: ");
    }
  }

  @Test
  void impossibleCommandsAreCorrupt() {
    List<CommandRecord.Builder> impossible =
        List.of(
            CommandRecord.newBuilder().setGrant(GrantRecord.newBuilder().setTtlMillis(1)),
            CommandRecord.newBuilder().setGrant(GrantRecord.newBuilder().setLeaseId(1)),
            CommandRecord.newBuilder()
                .setGrant(GrantRecord.newBuilder().setLeaseId(1).setTtlMillis(-1)),
            CommandRecord.newBuilder()
                .setRevoke(
                    RevokeRecord.newBuilder()
                        .setCause(RevokeCauseRecord.REVOKE_CAUSE_REQUESTED)
                        .setFenceTerm(1)),
            CommandRecord.newBuilder()
                .setRevoke(
                    RevokeRecord.newBuilder()
                        .addLeaseIds(1)
                        .setCause(RevokeCauseRecord.REVOKE_CAUSE_EXPIRED)),
            CommandRecord.newBuilder()
                .setCheckpoint(CheckpointRecord.newBuilder().addLeaseIds(1).setFenceTerm(1)),
            CommandRecord.newBuilder()
                .setCheckpoint(CheckpointRecord.newBuilder().addLeaseIds(1).addRemainingMillis(1)),
            CommandRecord.newBuilder()
                .setRegisterMember(RegisterMemberRecord.newBuilder().setName("n")));
    for (CommandRecord.Builder command : impossible) {
      assertThat(isCorrupt(entry(command.build()).toByteArray())).as("%s", command).isTrue();
    }
    assertThat(isCorrupt(EntryRecord.newBuilder().setSchema(1).build().toByteArray())).isTrue();
    assertThat(isCorrupt(new byte[0])).isTrue();
  }

  @Test
  void anEntryWithoutCommandsIsNotWritten() {
    assertThatThrownBy(() -> EntryCodec.encode(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void onlyEntriesWithKeysNeedTheSecondSchema() throws Exception {
    assertThat(schema(new Command.Grant(1, 2))).isEqualTo(1);
    assertThat(schema(new Command.Grant(1, 2), new Command.Compact(3))).isEqualTo(2);
    assertThat(schema(new Command.Transact(everyOp()))).isEqualTo(2);
    assertThat(schema(new Command.SetAlarm(1, Alarm.CORRUPT, true))).isEqualTo(2);
  }

  private static int schema(Command... commands) throws Exception {
    return EntryRecord.parseFrom(EntryCodec.encode(List.of(commands))).getSchema();
  }

  /** What a client may nest within protobuf's limit has to be read behind an entry's frame too. */
  @Test
  void transactionsNestedDeeplyAreRead() throws Exception {
    Txn txn = everyOp();
    for (int depth = 0; depth < 100; depth++) {
      txn = Txn.of(new Op.Nested(txn));
    }
    List<Command> commands = List.of(new Command.Transact(txn));
    assertThat(EntryCodec.decode(EntryCodec.encode(commands))).isEqualTo(commands);
  }

  private static SetAlarmRecord alarmOfKind(int kind) {
    return SetAlarmRecord.newBuilder().setMemberId(1).setAlarmValue(kind).build();
  }

  private static CommandRecord transact(OpRecord op) {
    return CommandRecord.newBuilder()
        .setTransact(TransactRecord.newBuilder().setTxn(TxnRecord.newBuilder().addSuccess(op)))
        .build();
  }

  private static EntryRecord entry(CommandRecord command) {
    return EntryRecord.newBuilder().setSchema(1).addCommands(command).build();
  }

  private static boolean isCorrupt(byte[] bytes) {
    try {
      EntryCodec.decode(ByteBuffer.wrap(bytes));
      return false;
    } catch (CorruptEntryException e) {
      assertThat(e.getMessage()).isNotBlank();
      return true;
    }
  }

  private static List<Command> commands(Random random) {
    List<Command> commands = new ArrayList<>();
    for (int left = 1 + random.nextInt(4); left > 0; left--) {
      commands.add(command(random));
    }
    return commands;
  }

  private static Command command(Random random) {
    long[] ids = random.longs(1 + random.nextInt(5)).toArray();
    long term = 1L + random.nextInt(1_000);
    return switch (random.nextInt(7)) {
      case 4 -> new Command.Transact(txn(random, 3));
      case 5 -> new Command.Compact(random.nextLong());
      case 6 ->
          new Command.SetAlarm(
              random.nextLong() | 1, any(random, Alarm.values()), random.nextBoolean());
      case 0 -> new Command.Grant(random.nextLong() | 1, 1L + random.nextInt(100_000));
      case 1 ->
          random.nextBoolean()
              ? new Command.Revoke(LeaseIds.of(ids), RevokeCause.EXPIRED, term)
              : new Command.Revoke(LeaseIds.of(ids), RevokeCause.REQUESTED, 0);
      case 2 ->
          new Command.Checkpoint(
              LeaseIds.of(ids),
              Millis.of(random.longs(ids.length, 0, Command.TTL_MAX_MILLIS).toArray()),
              random.nextLong(Command.TIME_MAX_MILLIS),
              term);
      default ->
          new Command.RegisterMember(
              "n" + random.nextInt(),
              "i" + random.nextLong(),
              random.nextBoolean() ? List.of() : List.of("http://host:" + random.nextInt()),
              random.nextBoolean());
    };
  }

  private static Txn txn(Random random, int depth) {
    List<Comparison> comparisons = new ArrayList<>();
    for (int left = random.nextInt(3); left > 0; left--) {
      comparisons.add(
          new Comparison(
              range(random),
              any(random, Comparison.Target.values()),
              any(random, Comparison.Relation.values()),
              random.nextLong(),
              randomBytes(random)));
    }
    return new Txn(comparisons, ops(random, depth), ops(random, depth));
  }

  private static List<Op> ops(Random random, int depth) {
    List<Op> ops = new ArrayList<>();
    for (int left = random.nextInt(4); left > 0; left--) {
      ops.add(
          switch (random.nextInt(depth > 0 ? 4 : 3)) {
            case 0 -> new Op.Range(query(random));
            case 1 ->
                new Op.Put(
                    randomBytes(random),
                    randomBytes(random),
                    random.nextLong(),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean());
            case 2 -> new Op.DeleteRange(range(random), random.nextBoolean());
            default -> new Op.Nested(txn(random, depth - 1));
          });
    }
    return ops;
  }

  private static RangeQuery query(Random random) {
    return new RangeQuery(
        range(random),
        random.nextLong(),
        random.nextInt(100) - 50,
        any(random, RangeQuery.SortTarget.values()),
        any(random, RangeQuery.SortOrder.values()),
        random.nextInt(10),
        random.nextInt(10),
        random.nextLong(),
        random.nextLong(),
        random.nextBoolean(),
        random.nextBoolean());
  }

  private static KeyRange range(Random random) {
    return new KeyRange(randomBytes(random), random.nextBoolean() ? null : randomBytes(random));
  }

  private static Bytes randomBytes(Random random) {
    byte[] bytes = new byte[random.nextInt(8)];
    random.nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private static <T> T any(Random random, T[] values) {
    return values[random.nextInt(values.length)];
  }

  private static byte[] bytes(ByteBuffer buffer) {
    return ByteString.copyFrom(buffer.duplicate()).toByteArray();
  }

  /** A golden file holds the bytes in hexadecimal, so that a change of it can be reviewed. */
  private static byte[] golden(String name) throws IOException {
    String path = "/golden/entry-" + name + ".golden";
    try (InputStream in = EntryCodecTest.class.getResourceAsStream(path)) {
      assertThat(in).as(path).isNotNull();
      return HexFormat.of()
          .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
  }
}
