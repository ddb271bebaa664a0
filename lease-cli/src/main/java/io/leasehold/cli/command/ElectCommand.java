package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeRequest.SortOrder;
import io.leasehold.api.etcdserverpb.RangeRequest.SortTarget;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.WatchCreateRequest;
import io.leasehold.api.etcdserverpb.WatchResponse;
import io.leasehold.api.mvccpb.KeyValue;
import io.leasehold.cli.command.KeyRequests.Range;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.lock.Signals;
import io.leasehold.cli.wire.WatchStream;
import io.leasehold.client.ElectionEvent;
import io.leasehold.client.LeaderElection;
import io.leasehold.client.LeaseClient;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** {@code elect}: stands for an election, or tells who leads. */
final class ElectCommand {
  private ElectCommand() {}

  static Command command() {
    return Command.of(
        "elect",
        "<election-name> [proposal]",
        "Stands for an election and leads until it is interrupted; or tells who leads",
        ElectCommand::run,
        Flag.toggle("listen", "tell who leads, and stand for nothing").letter('l'),
        Flag.seconds("ttl", "60", "how long until another leads when this process is gone"));
  }

  private static void run(Invocation call) throws InterruptedException {
    List<String> arguments =
        call.arguments(
            1, 2, "elect takes one election name argument and an optional proposal argument");
    boolean isListening = call.flags().isSet("listen");
    if (isListening && arguments.size() == 2) {
      throw CommandException.badArguments("proposal given but -l is set");
    }
    if (!isListening && arguments.size() == 1) {
      throw CommandException.badArguments("no proposal argument but -l not set");
    }
    if (isListening) {
      listen(call, arguments.get(0));
    } else {
      stand(call, arguments.get(0), arguments.get(1));
    }
  }

  private static void stand(Invocation call, String name, String proposal)
      throws InterruptedException {
    // A candidate hears of few things: elected, at risk, deposed; nothing stands for a signal.
    BlockingQueue<Optional<ElectionEvent>> events = new LinkedBlockingQueue<>();
    Signals.hear(signal -> events.add(Optional.empty()));
    try (LeaseClient client = call.client();
        LeaderElection election =
            client.campaign(
                name,
                proposal,
                call.flags().duration("ttl"),
                event -> events.add(Optional.of(event)))) {
      while (true) {
        Optional<ElectionEvent> heard = events.take();
        if (heard.isEmpty()) {
          return;
        }
        ElectionEvent event = heard.get();
        if (event instanceof ElectionEvent.Elected elected && election.isLeader()) {
          print(call, name, elected.fencingToken());
        } else if (event instanceof ElectionEvent.Deposed deposed) {
          throw new CommandException(
              ExitCode.LOST, "elect: session expired (" + deposed.reason() + ")");
        }
      }
    }
  }

  private static void print(Invocation call, String name, long token) throws InterruptedException {
    Range range = line(name);
    RangeRequest own =
        RangeRequest.newBuilder()
            .setKey(range.from())
            .setRangeEnd(range.end())
            .setMinCreateRevision(token)
            .setMaxCreateRevision(token)
            .build();
    RangeResponse answer = call.ask(KVGrpc.getRangeMethod(), own);
    // Others stand in the line behind: the answer is about this one alone.
    call.print(call.printer().found(answer.toBuilder().setCount(answer.getKvsCount()).build()));
  }

  private static Range line(String name) {
    return Range.prefix(ByteString.copyFromUtf8(name + "/"));
  }

  private static void listen(Invocation call, String name) throws InterruptedException {
    Range range = line(name);
    RangeRequest oldest =
        RangeRequest.newBuilder()
            .setKey(range.from())
            .setRangeEnd(range.end())
            .setSortTarget(SortTarget.CREATE)
            .setSortOrder(SortOrder.ASCEND)
            .setLimit(1)
            .build();
    KeyValue told = KeyValue.getDefaultInstance();
    RangeResponse answer = call.ask(KVGrpc.getRangeMethod(), oldest);
    WatchCreateRequest request =
        WatchCreateRequest.newBuilder()
            .setKey(range.from())
            .setRangeEnd(range.end())
            .setStartRevision(answer.getHeader().getRevision() + 1)
            .build();
    try (WatchStream changes = new WatchStream(call.wire(), call.clocks(), request)) {
      while (true) {
        if (answer.getKvsCount() > 0 && !answer.getKvs(0).equals(told)) {
          told = answer.getKvs(0);
          call.print(
              call.printer()
                  .found(
                      RangeResponse.newBuilder()
                          .setHeader(answer.getHeader())
                          .addKvs(told)
                          .build()));
        }
        WatchResponse change = changes.next();
        if (change.getCanceled() || change.getCompactRevision() != 0) {
          throw new CommandException(ExitCode.ENDED, "watch is canceled by the server");
        }
        answer = call.ask(KVGrpc.getRangeMethod(), oldest);
      }
    }
  }
}
