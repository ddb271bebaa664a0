package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.DeleteRangeRequest;
import io.leasehold.api.etcdserverpb.PutRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeRequest.SortOrder;
import io.leasehold.api.etcdserverpb.RangeRequest.SortTarget;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.flag.Flags;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** Puts, gets and deletes as words name them: on the command line, or in a transaction. */
final class KeyRequests {
  /** The name of the first key there can be, and, as an end, of no end. */
  static final ByteString NUL = ByteString.copyFrom(new byte[1]);

  private static final int HEX = 16;

  static final Flag[] PUT_FLAGS = {
    Flag.text("lease", "0", "lease ID in hexadecimal that the key is to hang on"),
    Flag.toggle("prev-kv", "print the key as it was before"),
    Flag.toggle("ignore-value", "leave the value as it is"),
    Flag.toggle("ignore-lease", "leave the lease as it is")
  };

  static final Flag[] GET_FLAGS = {
    Flag.text("consistency", "l", "linearizable (l) or serializable (s)"),
    Flag.text("order", "", "ASCEND or DESCEND"),
    Flag.text("sort-by", "", "CREATE, KEY, MODIFY, VALUE or VERSION"),
    Flag.number("limit", "0", "how many keys at most; 0 for all"),
    Flag.number("rev", "0", "the revision to read; 0 for the newest"),
    Flag.toggle("prefix", "all keys that begin so"),
    Flag.toggle("from-key", "all keys from this one on"),
    Flag.toggle("keys-only", "read no values"),
    Flag.toggle("count-only", "print how many keys there are"),
    Flag.toggle("print-value-only", "print no keys")
  };

  static final Flag[] DELETE_FLAGS = {
    Flag.toggle("prefix", "all keys that begin so"),
    Flag.toggle("from-key", "all keys from this one on"),
    Flag.toggle("prev-kv", "print the keys that were deleted")
  };

  private KeyRequests() {}

  /**
   * Reads a put.
   *
   * @param input where the value comes from when it is no argument
   */
  static PutRequest put(Flags flags, Supplier<ByteString> input) {
    List<String> arguments = flags.arguments();
    boolean isValueIgnored = flags.isSet("ignore-value");
    if (arguments.isEmpty() || arguments.size() > 2) {
      throw putNeeds();
    }
    if (isValueIgnored && arguments.size() > 1) {
      throw CommandException.badArguments(
          "put command needs only 1 argument when 'ignore-value' is set");
    }
    ByteString value = ByteString.EMPTY;
    if (arguments.size() == 2) {
      value = ByteString.copyFromUtf8(arguments.get(1));
    } else if (!isValueIgnored) {
      value = input.get();
      if (value.isEmpty()) {
        throw putNeeds();
      }
    }
    PutRequest.Builder request =
        PutRequest.newBuilder()
            .setKey(ByteString.copyFromUtf8(arguments.get(0)))
            .setValue(value)
            .setPrevKv(flags.isSet("prev-kv"))
            .setIgnoreValue(isValueIgnored)
            .setIgnoreLease(flags.isSet("ignore-lease"));
    try {
      return request.setLease(Numbers.parse(flags.text("lease"), HEX)).build();
    } catch (IllegalArgumentException e) {
      throw CommandException.badArguments(
          "bad lease ID (" + e.getMessage() + "), expecting ID in Hex");
    }
  }

  private static CommandException putNeeds() {
    return CommandException.badArguments(
        "put command needs 1 argument and input from stdin or 2 arguments");
  }

  /** Keys from one on and before another, as the wire has them. */
  record Range(ByteString from, ByteString end) {
    /** Reads which keys are meant: a key, maybe an end, and the flags prefix and from-key. */
    static Range of(String command, Flags flags, List<String> arguments) {
      boolean isPrefix = flags.isSet("prefix");
      boolean isFromKey = flags.isSet("from-key");
      if (isPrefix && isFromKey) {
        throw CommandException.badArguments(
            "`--prefix` and `--from-key` cannot be set at the same time, choose one");
      }
      if (arguments.isEmpty() || arguments.size() > 2) {
        throw CommandException.badArguments(
            command + " command needs one argument as key and an optional argument as range_end");
      }
      ByteString key = ByteString.copyFromUtf8(arguments.get(0));
      if (arguments.size() == 2) {
        if (isPrefix || isFromKey) {
          throw CommandException.badArguments(
              "too many arguments, only accept one argument when `--prefix` or `--from-key` is set");
        }
        return new Range(key, ByteString.copyFromUtf8(arguments.get(1)));
      }
      if (isPrefix) {
        return prefix(key);
      }
      return isFromKey
          ? new Range(key.isEmpty() ? NUL : key, NUL)
          : new Range(key, ByteString.EMPTY);
    }

    static Range prefix(ByteString prefix) {
      if (prefix.isEmpty()) {
        return new Range(NUL, NUL);
      }
      byte[] end = prefix.toByteArray();
      for (int i = end.length - 1; i >= 0; i--) {
        if (end[i] != (byte) 0xff) {
          end[i]++;
          return new Range(prefix, ByteString.copyFrom(end, 0, i + 1));
        }
      }
      return new Range(prefix, NUL);
    }
  }

  static RangeRequest get(Flags flags) {
    Range range = Range.of("get", flags, flags.arguments());
    boolean isSerializable =
        switch (flags.text("consistency")) {
          case "l" -> false;
          case "s" -> true;
          default ->
              throw new CommandException(
                  ExitCode.NOT_SUPPORTED,
                  "unknown consistency flag \"" + flags.text("consistency") + "\"");
        };
    boolean isCount = flags.isSet("count-only");
    if (isCount && flags.isSet("keys-only")) {
      throw CommandException.badArguments(
          "`--keys-only` and `--count-only` cannot be set at the same time, choose one");
    }
    SortTarget target = target(flags.text("sort-by"));
    SortOrder order = order(flags.text("order"));
    // Keys come in this order anyway.
    boolean isNatural = target == SortTarget.KEY && order == SortOrder.ASCEND;
    return RangeRequest.newBuilder()
        .setKey(range.from())
        .setRangeEnd(range.end())
        .setLimit(flags.number("limit"))
        .setRevision(flags.number("rev"))
        .setSortTarget(target)
        .setSortOrder(isNatural ? SortOrder.NONE : order)
        .setSerializable(isSerializable)
        .setKeysOnly(flags.isSet("keys-only"))
        .setCountOnly(isCount)
        .build();
  }

  private static SortTarget target(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "", "KEY" -> SortTarget.KEY;
      case "CREATE" -> SortTarget.CREATE;
      case "MODIFY" -> SortTarget.MOD;
      case "VALUE" -> SortTarget.VALUE;
      case "VERSION" -> SortTarget.VERSION;
      default -> throw new CommandException(ExitCode.NOT_SUPPORTED, "bad sort target " + name);
    };
  }

  private static SortOrder order(String name) {
    return switch (name.toUpperCase(Locale.ROOT)) {
      case "" -> SortOrder.NONE;
      case "ASCEND" -> SortOrder.ASCEND;
      case "DESCEND" -> SortOrder.DESCEND;
      default -> throw new CommandException(ExitCode.NOT_SUPPORTED, "bad sort order " + name);
    };
  }

  static DeleteRangeRequest delete(Flags flags) {
    Range range = Range.of("del", flags, flags.arguments());
    return DeleteRangeRequest.newBuilder()
        .setKey(range.from())
        .setRangeEnd(range.end())
        .setPrevKv(flags.isSet("prev-kv"))
        .build();
  }
}
