package io.leasehold.raft.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.raft.proto.v1.CheckpointRecord;
import io.leasehold.raft.proto.v1.CommandRecord;
import io.leasehold.raft.proto.v1.EntryRecord;
import io.leasehold.raft.proto.v1.GrantRecord;
import io.leasehold.raft.proto.v1.RegisterMemberRecord;
import io.leasehold.raft.proto.v1.RevokeCauseRecord;
import io.leasehold.raft.proto.v1.RevokeRecord;
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

@Timeout(60)
class EntryCodecTest {
  private static final long SEED = 20_261_121;
  private static final int ROUNDS = 20_000;

  /** One entry for each kind of command; the name is that of the file with its bytes. */
  private static final Map<String, List<Command>> GOLDEN =
      new TreeMap<>(
          Map.of(
              "grant", List.of(new Command.Grant(0x1234_5678_9abc_def0L, 60_000)),
              "grant-negative-id", List.of(new Command.Grant(-1, Command.TTL_MAX_MILLIS)),
              "revoke-requested",
                  List.of(
                      new Command.Revoke(
                          LeaseIds.of(7), RevokeCause.REQUESTED, Command.NOT_FENCED)),
              "revoke-expired",
                  List.of(
                      new Command.Revoke(
                          LeaseIds.of(1, -2, Long.MIN_VALUE), RevokeCause.EXPIRED, 300)),
              "checkpoint",
                  List.of(
                      new Command.Checkpoint(
                          LeaseIds.of(5, 6), Millis.of(0, Command.TTL_MAX_MILLIS), 9)),
              "register-member",
                  List.of(
                      new Command.RegisterMember(
                          "größe-1", "00ff", List.of("http://a:2379", "http://b:2379"), true)),
              "several",
                  List.of(
                      new Command.Grant(3, 2_000),
                      new Command.Revoke(LeaseIds.of(3), RevokeCause.REQUESTED, 0),
                      new Command.Grant(3, 5_000))));

  @Test
  void entriesOfTheFirstVersionStillReadAndWriteTheSameBytes() throws Exception {
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
            entry(known).toBuilder().setSchema(2).build(),
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
                    .build()));
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
    return switch (random.nextInt(4)) {
      case 0 -> new Command.Grant(random.nextLong() | 1, 1L + random.nextInt(100_000));
      case 1 ->
          random.nextBoolean()
              ? new Command.Revoke(LeaseIds.of(ids), RevokeCause.EXPIRED, term)
              : new Command.Revoke(LeaseIds.of(ids), RevokeCause.REQUESTED, 0);
      case 2 ->
          new Command.Checkpoint(
              LeaseIds.of(ids),
              Millis.of(random.longs(ids.length, 0, Command.TTL_MAX_MILLIS).toArray()),
              term);
      default ->
          new Command.RegisterMember(
              "n" + random.nextInt(),
              "i" + random.nextLong(),
              random.nextBoolean() ? List.of() : List.of("http://host:" + random.nextInt()),
              random.nextBoolean());
    };
  }

  private static byte[] bytes(ByteBuffer buffer) {
    return ByteString.copyFrom(buffer.duplicate()).toByteArray();
  }

  /** A golden file holds the bytes in hexadecimal, so that a change of it can be reviewed. */
  private static byte[] golden(String name) throws IOException {
    String path = "/golden/entry-v1-" + name + ".golden";
    try (InputStream in = EntryCodecTest.class.getResourceAsStream(path)) {
      assertThat(in).as(path).isNotNull();
      return HexFormat.of()
          .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip());
    }
  }
}
