package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.CompactionRequest;
import io.leasehold.api.etcdserverpb.CompactionResponse;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.cli.flag.Flag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Keys: put, get, del, and what is kept of their history. */
final class KeyCommands {
  private KeyCommands() {}

  static List<Command> all() {
    return List.of(
        Command.of(
            "put",
            "<key> [value]",
            "Writes a key; the value is read from standard input if it is not given",
            KeyCommands::put,
            KeyRequests.PUT_FLAGS),
        Command.of(
            "get", "<key> [range_end]", "Reads keys", KeyCommands::get, KeyRequests.GET_FLAGS),
        Command.of(
            "del",
            "<key> [range_end]",
            "Deletes keys and prints how many there were",
            KeyCommands::delete,
            KeyRequests.DELETE_FLAGS),
        Command.of(
            "compaction",
            "<revision>",
            "Forgets the history before a revision",
            KeyCommands::compact,
            Flag.toggle("physical", "wait until the space is free")));
  }

  private static void put(Invocation call) throws InterruptedException {
    call.print(
        call.printer()
            .put(
                call.change(
                    KVGrpc.getPutMethod(),
                    KeyRequests.put(call.flags(), () -> all(call.terminal().in())))));
  }

  private static ByteString all(InputStream in) {
    try {
      return ByteString.readFrom(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void get(Invocation call) throws InterruptedException {
    RangeRequest request = KeyRequests.get(call.flags());
    RangeResponse answer = call.ask(KVGrpc.getRangeMethod(), request);
    call.print(
        request.getCountOnly() ? call.printer().counted(answer) : call.printer().found(answer));
  }

  private static void delete(Invocation call) throws InterruptedException {
    call.print(
        call.printer()
            .deleted(call.change(KVGrpc.getDeleteRangeMethod(), KeyRequests.delete(call.flags()))));
  }

  private static void compact(Invocation call) throws InterruptedException {
    String revision = call.arguments(1, 1, "compaction command needs 1 argument").get(0);
    long number;
    try {
      number = Numbers.parse(revision, 10);
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
    CompactionResponse unused =
        call.change(
            KVGrpc.getCompactMethod(),
            CompactionRequest.newBuilder()
                .setRevision(number)
                .setPhysical(call.flags().isSet("physical"))
                .build());
    call.print("compacted revision " + number + "\n");
  }
}
