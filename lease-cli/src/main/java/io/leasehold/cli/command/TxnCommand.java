package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.Compare;
import io.leasehold.api.etcdserverpb.Compare.CompareResult;
import io.leasehold.api.etcdserverpb.Compare.CompareTarget;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.RequestOp;
import io.leasehold.api.etcdserverpb.TxnRequest;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.flag.FlagException;
import io.leasehold.cli.flag.Flags;
import io.leasehold.cli.output.GoText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code txn}: reads conditions and requests from standard input, three parts with empty lines. */
final class TxnCommand {
  private static final int HEX = 16;

  private TxnCommand() {}

  static Command command() {
    return Command.of(
        "txn",
        "",
        "Makes the transaction that standard input describes",
        TxnCommand::run,
        Flag.toggle("interactive", "ask for each part").letter('i'));
  }

  private static void run(Invocation call) throws InterruptedException {
    call.arguments(0, 0, "txn command does not accept argument");
    boolean isAsking = call.flags().isSet("interactive");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(call.terminal().in(), StandardCharsets.UTF_8));
    TxnRequest.Builder request = TxnRequest.newBuilder();
    prompt(call, isAsking, "compares:");
    part(in).forEach(line -> request.addCompare(comparison(line)));
    prompt(call, isAsking, "success requests (get, put, del):");
    part(in).forEach(line -> request.addSuccess(operation(line)));
    prompt(call, isAsking, "failure requests (get, put, del):");
    part(in).forEach(line -> request.addFailure(operation(line)));
    call.print(call.printer().transaction(call.change(KVGrpc.getTxnMethod(), request.build())));
  }

  private static void prompt(Invocation call, boolean isAsking, String part) {
    if (isAsking) {
      call.print(part + "\n");
    }
  }

  private static CommandException badInput(String message) {
    return new CommandException(ExitCode.BAD_INPUT, message);
  }

  /** Reads lines up to an empty one. */
  private static List<String> part(BufferedReader in) {
    List<String> lines = new ArrayList<>();
    String line = line(in);
    while (!line.isEmpty()) {
      lines.add(line);
      line = line(in);
    }
    return lines;
  }

  private static String line(BufferedReader in) {
    try {
      String line = in.readLine();
      if (line == null) {
        throw badInput("EOF: each of the three parts of a transaction ends with an empty line");
      }
      return line.strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a line such as {@code mod("key") > "0"}. */
  static Compare comparison(String line) {
    try {
      int open = line.indexOf('(');
      int keyEnd = GoText.closing(line, open + 1);
      String key = GoText.unescaped(line.substring(open + 2, keyEnd));
      String rest = line.substring(keyEnd + 1).strip();
      int quote = rest.indexOf('"');
      boolean isWhole =
          open > 0
              && line.charAt(open + 1) == '"'
              && rest.startsWith(")")
              && quote > 0
              && GoText.closing(rest, quote) == rest.length() - 1;
      if (isWhole) {
        String value = GoText.unescaped(rest.substring(quote + 1, rest.length() - 1));
        return comparison(
            line, line.substring(0, open).strip(), key, rest.substring(1, quote).strip(), value);
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // Said below, with the line.
    }
    throw badInput("malformed comparison: " + line + "; expected such as mod(\"key\") > \"0\"");
  }

  private static Compare comparison(
      String line, String target, String key, String relation, String value) {
    Compare.Builder compare = Compare.newBuilder().setKey(ByteString.copyFromUtf8(key));
    compare.setResult(
        switch (relation) {
          case "=" -> CompareResult.EQUAL;
          case "!=" -> CompareResult.NOT_EQUAL;
          case ">" -> CompareResult.GREATER;
          case "<" -> CompareResult.LESS;
          default ->
              throw badInput(
                  "malformed comparison: " + line + " (unknown relation " + relation + ")");
        });
    switch (target) {
      case "ver", "version" ->
          compare.setTarget(CompareTarget.VERSION).setVersion(number(line, value, 10));
      case "c", "create" ->
          compare.setTarget(CompareTarget.CREATE).setCreateRevision(number(line, value, 10));
      case "m", "mod" ->
          compare.setTarget(CompareTarget.MOD).setModRevision(number(line, value, 10));
      case "val", "value" ->
          compare.setTarget(CompareTarget.VALUE).setValue(ByteString.copyFromUtf8(value));
      case "lease" -> compare.setTarget(CompareTarget.LEASE).setLease(number(line, value, HEX));
      default ->
          throw badInput("malformed comparison: " + line + " (unknown target " + target + ")");
    }
    return compare.build();
  }

  private static long number(String line, String value, int radix) {
    try {
      return Numbers.parse(value, radix);
    } catch (IllegalArgumentException e) {
      throw badInput("invalid txn compare request: " + line + " (" + e.getMessage() + ")");
    }
  }

  /** Reads a line such as {@code put key "some value"}. */
  static RequestOp operation(String line) {
    try {
      List<String> words = GoText.words(line);
      List<String> rest = words.subList(1, words.size());
      return switch (words.get(0)) {
        case "put" ->
            RequestOp.newBuilder()
                .setRequestPut(
                    KeyRequests.put(flags(KeyRequests.PUT_FLAGS, rest), () -> ByteString.EMPTY))
                .build();
        case "get" ->
            RequestOp.newBuilder()
                .setRequestRange(KeyRequests.get(flags(KeyRequests.GET_FLAGS, rest)))
                .build();
        case "del" ->
            RequestOp.newBuilder()
                .setRequestDeleteRange(KeyRequests.delete(flags(KeyRequests.DELETE_FLAGS, rest)))
                .build();
        default -> throw badInput("invalid txn request: " + line);
      };
    } catch (IllegalArgumentException | FlagException e) {
      throw badInput("invalid txn request: " + line + " (" + e.getMessage() + ")");
    }
  }

  private static Flags flags(Flag[] known, List<String> words) {
    return Flags.parse(List.of(known), Map.of(), words);
  }
}
