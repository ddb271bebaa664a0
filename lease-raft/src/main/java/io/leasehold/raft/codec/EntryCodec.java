package io.leasehold.raft.codec;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.leasehold.core.command.Alarm;
import io.leasehold.core.command.Command;
import io.leasehold.core.command.LeaseIds;
import io.leasehold.core.command.Millis;
import io.leasehold.core.command.RevokeCause;
import io.leasehold.raft.proto.v1.AlarmKindRecord;
import io.leasehold.raft.proto.v1.CheckpointRecord;
import io.leasehold.raft.proto.v1.CommandRecord;
import io.leasehold.raft.proto.v1.CompactRecord;
import io.leasehold.raft.proto.v1.EntryRecord;
import io.leasehold.raft.proto.v1.GrantRecord;
import io.leasehold.raft.proto.v1.RegisterMemberRecord;
import io.leasehold.raft.proto.v1.RevokeCauseRecord;
import io.leasehold.raft.proto.v1.RevokeRecord;
import io.leasehold.raft.proto.v1.SetAlarmRecord;
import io.leasehold.raft.proto.v1.TransactRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates between commands and the bytes of a log entry, by the schema {@code log.proto}.
 * Stateless; any thread.
 */
public final class EntryCodec {
  /** The newest schema this version writes and reads. */
  static final int SCHEMA = 3;

  /** The schema of entries that a version without lease time can apply. */
  private static final int KEYS_SCHEMA = 2;

  /** The schema of entries that a version without keys can apply. */
  private static final int LEASES_SCHEMA = 1;

  /**
   * Messages within messages that are read: protobuf's own limit counts an entry's frame too, and
   * so would refuse here, for good, what a client was allowed to send.
   */
  private static final int NESTING_MAX = 1000;

  private static final String NEWER_VERSION = "a newer version wrote the entry";

  private EntryCodec() {}

  /** Returns the entry that carries the commands, in order. */
  public static ByteBuffer encode(List<Command> commands) {
    if (commands.isEmpty()) {
      throw new IllegalArgumentException("an entry carries at least one command");
    }
    EntryRecord.Builder entry = EntryRecord.newBuilder();
    int schema = LEASES_SCHEMA;
    for (Command command : commands) {
      entry.addCommands(record(command));
      schema = Math.max(schema, schema(command));
    }
    entry.setSchema(schema);
    return ByteBuffer.wrap(entry.build().toByteArray());
  }

  /** Returns the commands of an entry, in order. */
  public static List<Command> decode(ByteBuffer bytes) throws CorruptEntryException {
    EntryRecord entry;
    try {
      // Keys and values stay where they are until they are copied once, into the command.
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes.duplicate()).newCodedInput();
      in.enableAliasing(true);
      in.setRecursionLimit(NESTING_MAX);
      entry = EntryRecord.parseFrom(in);
      in.checkLastTagWas(0);
    } catch (IOException e) {
      throw new CorruptEntryException(
          "the entry is not a well-formed message: " + e.getMessage(), e);
    }
    if (entry.getSchema() == 0 || entry.getCommandsCount() == 0) {
      throw new CorruptEntryException("the entry names no schema or holds no command");
    }
    if (Integer.compareUnsigned(entry.getSchema(), SCHEMA) > 0) {
      throw new CorruptEntryException(
          NEWER_VERSION
              + ": schema "
              + Integer.toUnsignedString(entry.getSchema())
              + ", this one reads up to "
              + SCHEMA);
    }
    requireKnownFields(entry);
    List<Command> commands = new ArrayList<>(entry.getCommandsCount());
    for (CommandRecord record : entry.getCommandsList()) {
      requireKnownFields(record);
      try {
        commands.add(command(record));
      } catch (IllegalArgumentException e) {
        throw new CorruptEntryException(
            "the entry holds an impossible command: " + e.getMessage(), e);
      }
    }
    return commands;
  }

  private static CommandRecord record(Command command) {
    CommandRecord.Builder record = CommandRecord.newBuilder();
    if (command instanceof Command.Grant grant) {
      record.setGrant(
          GrantRecord.newBuilder().setLeaseId(grant.leaseId()).setTtlMillis(grant.ttlMillis()));
    } else if (command instanceof Command.Revoke revoke) {
      RevokeRecord.Builder builder =
          RevokeRecord.newBuilder()
              .setCause(
                  revoke.cause() == RevokeCause.EXPIRED
                      ? RevokeCauseRecord.REVOKE_CAUSE_EXPIRED
                      : RevokeCauseRecord.REVOKE_CAUSE_REQUESTED)
              .setFenceTerm(revoke.fenceTerm());
      for (int i = 0; i < revoke.leaseIds().size(); i++) {
        builder.addLeaseIds(revoke.leaseIds().get(i));
      }
      record.setRevoke(builder);
    } else if (command instanceof Command.Checkpoint checkpoint) {
      CheckpointRecord.Builder builder =
          CheckpointRecord.newBuilder()
              .setTimeMillis(checkpoint.timeMillis())
              .setFenceTerm(checkpoint.fenceTerm());
      for (int i = 0; i < checkpoint.leaseIds().size(); i++) {
        builder.addLeaseIds(checkpoint.leaseIds().get(i));
        builder.addRemainingMillis(checkpoint.remainingMillis().get(i));
      }
      record.setCheckpoint(builder);
    } else if (command instanceof Command.RegisterMember register) {
      record.setRegisterMember(
          RegisterMemberRecord.newBuilder()
              .setName(register.name())
              .setIdentity(register.identity())
              .addAllClientUrls(register.clientUrls())
              .setReplace(register.replace()));
    } else if (command instanceof Command.Transact transact) {
      record.setTransact(TransactRecord.newBuilder().setTxn(TxnCodec.record(transact.txn())));
    } else if (command instanceof Command.Compact compact) {
      record.setCompact(CompactRecord.newBuilder().setRevision(compact.revision()));
    } else if (command instanceof Command.SetAlarm alarm) {
      record.setSetAlarm(
          SetAlarmRecord.newBuilder()
              .setMemberId(alarm.memberId())
              .setAlarm(
                  switch (alarm.alarm()) {
                    case NO_SPACE -> AlarmKindRecord.ALARM_KIND_NO_SPACE;
                    case CORRUPT -> AlarmKindRecord.ALARM_KIND_CORRUPT;
                  })
              .setRaised(alarm.raised()));
    } else {
      throw new IllegalStateException("no record for " + command);
    }
    return record.build();
  }

  /** Returns the schema that a member must know to apply the command. */
  private static int schema(Command command) {
    if (command instanceof Command.Checkpoint checkpoint && checkpoint.timeMillis() != 0) {
      return SCHEMA;
    }
    return command instanceof Command.Transact
            || command instanceof Command.Compact
            || command instanceof Command.SetAlarm
        ? KEYS_SCHEMA
        : LEASES_SCHEMA;
  }

  private static Command command(CommandRecord record) throws CorruptEntryException {
    return switch (record.getCommandCase()) {
      case GRANT -> grant(record.getGrant());
      case REVOKE -> revoke(record.getRevoke());
      case CHECKPOINT -> checkpoint(record.getCheckpoint());
      case REGISTER_MEMBER -> {
        RegisterMemberRecord register = record.getRegisterMember();
        requireKnownFields(register);
        yield new Command.RegisterMember(
            register.getName(),
            register.getIdentity(),
            register.getClientUrlsList(),
            register.getReplace());
      }
      case TRANSACT -> {
        requireKnownFields(record.getTransact());
        yield new Command.Transact(TxnCodec.txn(record.getTransact().getTxn()));
      }
      case COMPACT -> {
        requireKnownFields(record.getCompact());
        yield new Command.Compact(record.getCompact().getRevision());
      }
      case SET_ALARM -> setAlarm(record.getSetAlarm());
      case COMMAND_NOT_SET ->
          throw new CorruptEntryException(
              NEWER_VERSION + ": it holds a command of an unknown kind");
    };
  }

  private static Command grant(GrantRecord grant) throws CorruptEntryException {
    requireKnownFields(grant);
    return new Command.Grant(grant.getLeaseId(), grant.getTtlMillis());
  }

  private static Command revoke(RevokeRecord revoke) throws CorruptEntryException {
    requireKnownFields(revoke);
    RevokeCause cause =
        switch (revoke.getCause()) {
          case REVOKE_CAUSE_REQUESTED -> RevokeCause.REQUESTED;
          case REVOKE_CAUSE_EXPIRED -> RevokeCause.EXPIRED;
          default ->
              throw new CorruptEntryException(
                  NEWER_VERSION + ": it names the cause " + revoke.getCauseValue());
        };
    return new Command.Revoke(ids(revoke.getLeaseIdsList()), cause, revoke.getFenceTerm());
  }

  private static Command checkpoint(CheckpointRecord checkpoint) throws CorruptEntryException {
    requireKnownFields(checkpoint);
    return new Command.Checkpoint(
        ids(checkpoint.getLeaseIdsList()),
        Millis.of(longs(checkpoint.getRemainingMillisList())),
        checkpoint.getTimeMillis(),
        checkpoint.getFenceTerm());
  }

  private static Command setAlarm(SetAlarmRecord record) throws CorruptEntryException {
    requireKnownFields(record);
    Alarm alarm =
        switch (record.getAlarm()) {
          case ALARM_KIND_NO_SPACE -> Alarm.NO_SPACE;
          case ALARM_KIND_CORRUPT -> Alarm.CORRUPT;
          default -> throw newer("the alarm " + record.getAlarmValue());
        };
    return new Command.SetAlarm(record.getMemberId(), alarm, record.getRaised());
  }

  /** Returns what to throw at a word that this version does not know. */
  static CorruptEntryException newer(String named) {
    return new CorruptEntryException(NEWER_VERSION + ": it names " + named);
  }

  /** A field passed over here but obeyed by a newer member would make the two differ. */
  static void requireKnownFields(Message message) throws CorruptEntryException {
    if (!message.getUnknownFields().asMap().isEmpty()) {
      throw new CorruptEntryException(
          NEWER_VERSION
              + ": "
              + message.getDescriptorForType().getName()
              + " has the unknown fields "
              + message.getUnknownFields().asMap().keySet());
    }
  }

  private static LeaseIds ids(List<Long> ids) {
    return LeaseIds.of(longs(ids));
  }

  private static long[] longs(List<Long> values) {
    long[] longs = new long[values.size()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = values.get(i);
    }
    return longs;
  }
}
