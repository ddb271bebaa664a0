package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.Event;
import io.leasehold.cli.command.KeyRequests.Range;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.flag.FlagException;
import io.leasehold.cli.flag.Flags;
import io.leasehold.cli.output.GoText;
import io.leasehold.cli.output.Printer;
import io.leasehold.cli.wire.WatchStream;
import io.leasehold.cli.wire.WireException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code watch}: prints changes of keys, or runs a command for each. */
final class WatchCommand {
  private static final Flag[] FLAGS = {
    Flag.toggle("prefix", "all keys that begin so"),
    Flag.number("rev", "0", "the first revision to tell of; 0 for what comes"),
    Flag.toggle("prev-kv", "print the keys as they were before, too"),
    Flag.toggle("progress-notify", "have the cluster tell now and then that nothing happened"),
    Flag.toggle("interactive", "read watch requests from standard input").letter('i')
  };

  private WatchCommand() {}

  static Command command() {
    return Command.of(
        "watch",
        "<key> [range_end] [-- command...]",
        "Prints changes of keys until it is ended; or runs a command for each",
        WatchCommand::run,
        FLAGS);
  }

  private static void run(Invocation call) throws InterruptedException {
    if (call.flags().isSet("interactive")) {
      interact(call);
      return;
    }
    watch(call, call.flags());
  }

  /** Watches from here on, in a thread for each request, until standard input ends. */
  private static void interact(Invocation call) throws InterruptedException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(call.terminal().in(), StandardCharsets.UTF_8));
    try {
      for (String line; (line = in.readLine()) != null; ) {
        List<String> words = GoText.words(line);
        if (words.isEmpty() || !words.get(0).equals("watch")) {
          throw new CommandException(
              ExitCode.BAD_INPUT, "Invalid command " + line + " (command must be 'watch')");
        }
        Flags flags = Flags.parse(List.of(FLAGS), Map.of(), words.subList(1, words.size()));
        Thread thread = new Thread(() -> watchAlone(call, flags), "leasectl-watch");
        thread.setDaemon(true);
        thread.start();
      }
    } catch (IOException | FlagException | IllegalArgumentException e) {
      throw new CommandException(ExitCode.BAD_INPUT, String.valueOf(e.getMessage()));
    }
    throw new CommandException(ExitCode.BAD_INPUT, "Error reading watch request line: EOF");
  }

  private static void watchAlone(Invocation call, Flags flags) {
    try {
      watch(call, flags);
    } catch (CommandException | WireException e) {
      call.terminal().err().println("Error: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void watch(Invocation call, Flags flags) throws InterruptedException {
    List<String> arguments = new ArrayList<>(flags.argumentsBeforeDashes());
    if (arguments.isEmpty() && call.environment().containsKey("ETCDCTL_WATCH_KEY")) {
      arguments.add(call.environment().get("ETCDCTL_WATCH_KEY"));
      String end = call.environment().getOrDefault("ETCDCTL_WATCH_RANGE_END", "");
      if (!end.isEmpty()) {
        arguments.add(end);
      }
    }
    boolean isPrefix = flags.isSet("prefix");
    if (arguments.isEmpty() || arguments.size() > (isPrefix ? 1 : 2)) {
      throw CommandException.badArguments("bad number of arguments");
    }
    ByteString key = ByteString.copyFromUtf8(arguments.get(0));
    Range range =
        isPrefix
            ? Range.prefix(key)
            : new Range(
                key,
                arguments.size() == 2
                    ? ByteString.copyFromUtf8(arguments.get(1))
                    : ByteString.EMPTY);
    WatchCreateRequest request =
        WatchCreateRequest.newBuilder()
            .setKey(range.from())
            .setRangeEnd(range.end())
            .setStartRevision(flags.number("rev"))
            .setPrevKv(flags.isSet("prev-kv"))
            .setProgressNotify(flags.isSet("progress-notify"))
            .build();
    follow(call, request, flags.argumentsAfterDashes());
  }

  private static void follow(Invocation call, WatchCreateRequest request, List<String> command)
      throws InterruptedException {
    Printer printer = call.printer();
    try (WatchStream stream = new WatchStream(call.wire(), call.clocks(), request)) {
      while (true) {
        WatchResponse answer = stream.next();
        if (answer.getCanceled() || answer.getCompactRevision() != 0) {
          call.terminal().err().println("watch was canceled (" + reason(answer) + ")");
          throw new CommandException(ExitCode.ENDED, "watch is canceled by the server");
        }
        if (answer.getEventsCount() == 0) {
          call.print("progress notify: " + answer.getHeader().getRevision() + "\n");
          continue;
        }
        call.print(printer.watched(answer));
        if (!command.isEmpty()) {
          for (Event event : answer.getEventsList()) {
            runFor(call, event, answer.getHeader().getRevision(), command);
          }
        }
      }
    }
  }

  private static String reason(WatchResponse answer) {
    return answer.getCompactRevision() == 0
        ? answer.getCancelReason()
        : "etcdserver: mvcc: required revision has been compacted";
  }

  private static void runFor(Invocation call, Event event, long revision, List<String> command)
      throws InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    Map<String, String> environment = builder.environment();
    environment.put("ETCD_WATCH_REVISION", Long.toString(revision));
    environment.put("ETCD_WATCH_EVENT_TYPE", "\"" + event.getType().name() + "\"");
    environment.put("ETCD_WATCH_KEY", GoText.quoted(event.getKv().getKey()));
    environment.put("ETCD_WATCH_VALUE", GoText.quoted(event.getKv().getValue()));
    try {
      int code = builder.start().waitFor();
      if (code != 0) {
        call.terminal().err().println("command \"" + command.get(0) + "\" ended with code " + code);
      }
    } catch (IOException e) {
      throw new CommandException(ExitCode.FAILED, String.valueOf(e.getMessage()));
    }
  }
}
