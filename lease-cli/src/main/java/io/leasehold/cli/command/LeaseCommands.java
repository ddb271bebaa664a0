package io.leasehold.cli.command;

import io.leasehold.api.etcdserverpb.LeaseGrantRequest;
import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveRequest;
import io.leasehold.api.etcdserverpb.LeaseKeepAliveResponse;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseRevokeRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.output.GoText;
import io.leasehold.cli.output.Printer;
import io.leasehold.cli.wire.WireException;
import java.time.Duration;
import java.util.List;

/** The group {@code lease}. */
final class LeaseCommands {
  private static final int HEX = 16;

  /** Renewals come three to a TTL, so that two may fail. */
  private static final int RENEWALS_PER_TTL = 3;

  private LeaseCommands() {}

  static List<Command> all() {
    return List.of(
        Command.of(
            "lease grant", "<ttl>", "Grants a lease of so many seconds", LeaseCommands::grant),
        Command.of(
            "lease revoke",
            "<leaseID>",
            "Ends a lease and deletes its keys",
            LeaseCommands::revoke),
        Command.of(
            "lease timetolive",
            "<leaseID>",
            "Tells how long a lease has left",
            LeaseCommands::timeToLive,
            Flag.toggle("keys", "list the keys that hang on it")),
        Command.of("lease list", "", "Lists all leases", LeaseCommands::list),
        Command.of(
            "lease keep-alive",
            "<leaseID>",
            "Renews a lease again and again",
            LeaseCommands::keepAlive,
            Flag.toggle("once", "renew it once and end")));
  }

  private static void grant(Invocation call) throws InterruptedException {
    String ttl = call.arguments(1, 1, "lease grant command needs TTL argument").get(0);
    LeaseGrantRequest.Builder request = LeaseGrantRequest.newBuilder();
    try {
      request.setTTL(Numbers.parse(ttl, 10));
    } catch (IllegalArgumentException e) {
      throw CommandException.badArguments("bad TTL (" + e.getMessage() + ")");
    }
    try {
      // A lease whose answer was lost ends by itself.
      call.print(
          call.printer().granted(call.ask(LeaseGrpc.getLeaseGrantMethod(), request.build())));
    } catch (WireException e) {
      throw new CommandException(ExitCode.FAILED, "failed to grant lease (" + e.getMessage() + ")");
    }
  }

  private static long leaseId(Invocation call, String command) {
    String id = call.arguments(1, 1, command + " command needs lease ID as argument").get(0);
    try {
      return Numbers.parse(id, HEX);
    } catch (IllegalArgumentException e) {
      throw CommandException.badArguments(
          "bad lease ID arg (" + e.getMessage() + "), expecting ID in Hex");
    }
  }

  private static void revoke(Invocation call) throws InterruptedException {
    long id = leaseId(call, "lease revoke");
    LeaseRevokeRequest request = LeaseRevokeRequest.newBuilder().setID(id).build();
    try {
      call.print(
          call.printer().revoked(id, call.change(LeaseGrpc.getLeaseRevokeMethod(), request)));
    } catch (WireException e) {
      throw new CommandException(
          ExitCode.FAILED, "failed to revoke lease (" + e.getMessage() + ")");
    }
  }

  private static void timeToLive(Invocation call) throws InterruptedException {
    boolean withKeys = call.flags().isSet("keys");
    LeaseTimeToLiveRequest request =
        LeaseTimeToLiveRequest.newBuilder()
            .setID(leaseId(call, "lease timetolive"))
            .setKeys(withKeys)
            .build();
    call.print(
        call.printer()
            .timeToLive(call.ask(LeaseGrpc.getLeaseTimeToLiveMethod(), request), withKeys));
  }

  private static void list(Invocation call) throws InterruptedException {
    call.arguments(0, 0, "lease list command takes no arguments");
    call.print(
        call.printer()
            .leases(
                call.ask(
                    LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance())));
  }

  private static void keepAlive(Invocation call) throws InterruptedException {
    long id = leaseId(call, "lease keep-alive");
    Printer printer = call.printer();
    boolean isOnce = call.flags().isSet("once");
    long believedNanos = call.clocks().nanoTime();
    while (true) {
      LeaseKeepAliveResponse answer;
      try {
        answer =
            call.ask(
                LeaseGrpc.getLeaseKeepAliveMethod(),
                LeaseKeepAliveRequest.newBuilder().setID(id).build());
      } catch (WireException e) {
        if (call.clocks().nanoTime() - believedNanos < 0) {
          // Nobody could be asked, but the lease lives on for a while.
          continue;
        }
        throw new CommandException(ExitCode.NOT_RENEWED, String.valueOf(e.getMessage()));
      }
      if (answer.getTTL() <= 0) {
        if (isOnce) {
          throw new CommandException(ExitCode.NOT_RENEWED, "etcdserver: requested lease not found");
        }
        call.print("lease %s expired or revoked.\n".formatted(GoText.leaseId(id)));
        return;
      }
      call.print(printer.kept(answer));
      if (isOnce) {
        return;
      }
      Duration ttl = Duration.ofSeconds(answer.getTTL());
      believedNanos = call.clocks().nanoTime() + ttl.toNanos();
      call.clocks().pause(ttl.dividedBy(RENEWALS_PER_TTL));
    }
  }
}
