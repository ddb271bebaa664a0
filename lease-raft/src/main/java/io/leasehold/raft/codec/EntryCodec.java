package io.leasehold.raft.codec;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Translates between commands and the bytes of a log entry, by the schema {@code log.proto}.
 * Stateless; any thread.
 */
public final class EntryCodec {
  /** The newest schema this version writes and reads. */
  static final int SCHEMA = 1;

  private static final String NEWER_VERSION = "a newer version wrote the entry";

  private EntryCodec() {}

  /** Returns the entry that carries the commands, in order. */
  public static ByteBuffer encode(List<Command> commands) {
    if (commands.isEmpty()) {
      throw new IllegalArgumentException("an entry carries at least one command");
    }
    EntryRecord.Builder entry = EntryRecord.newBuilder().setSchema(SCHEMA);
    for (Command command : commands) {
      entry.addCommands(record(command));
    }
    return ByteBuffer.wrap(entry.build().toByteArray());
  }

  /** Returns the commands of an entry, in order. */
  public static List<Command> decode(ByteBuffer bytes) throws CorruptEntryException {
    EntryRecord entry;
    try {
      entry = EntryRecord.parseFrom(bytes.duplicate());
    } catch (InvalidProtocolBufferException e) {
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
          CheckpointRecord.newBuilder().setFenceTerm(checkpoint.fenceTerm());
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
    } else {
      throw new IllegalStateException("no record for " + command);
    }
    return record.build();
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
        checkpoint.getFenceTerm());
  }

  /** A field passed over here but obeyed by a newer member would make the two differ. */
  private static void requireKnownFields(Message message) throws CorruptEntryException {
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
