package io.leasehold.cli.command;

import io.grpc.MethodDescriptor;
import io.leasehold.api.etcdserverpb.AlarmMember;
import io.leasehold.api.etcdserverpb.AlarmRequest;
import io.leasehold.api.etcdserverpb.AlarmRequest.AlarmAction;
import io.leasehold.api.etcdserverpb.AlarmResponse;
import io.leasehold.api.etcdserverpb.ClusterGrpc;
import io.leasehold.api.etcdserverpb.HashKVRequest;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.Member;
import io.leasehold.api.etcdserverpb.MemberListRequest;
import io.leasehold.api.etcdserverpb.MoveLeaderRequest;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.api.etcdserverpb.RangeResponse;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.output.Printer.EndpointHash;
import io.leasehold.cli.output.Printer.EndpointHealth;
import io.leasehold.cli.output.Printer.EndpointStatus;
import io.leasehold.cli.wire.WireException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The members: who they are, how they are, who leads. */
final class MemberCommands {
  private static final int HEX = 16;

  private static final Flag CLUSTER =
      Flag.toggle("cluster", "ask all members of the cluster instead of --endpoints");

  private MemberCommands() {}

  static List<Command> all() {
    return List.of(
        Command.of("member list", "", "Lists the members", MemberCommands::list).withTable(),
        Command.ending(
                "endpoint status",
                "",
                "Prints what each member says of itself",
                MemberCommands::status,
                CLUSTER)
            .withTable(),
        Command.of(
                "endpoint health",
                "",
                "Tells whether each member can serve",
                MemberCommands::health,
                CLUSTER)
            .withTable(),
        Command.ending(
                "endpoint hashkv",
                "",
                "Prints each member's hash of the keys and their history",
                MemberCommands::hash,
                CLUSTER,
                Flag.number("rev", "0", "the revision up to which to hash; 0 for the newest"))
            .withTable(),
        Command.of(
            "move-leader",
            "<memberID>",
            "Hands the leadership to another member",
            MemberCommands::moveLeader),
        Command.of("alarm list", "", "Lists alarms", MemberCommands::listAlarms),
        Command.of("alarm disarm", "", "Ends all alarms", MemberCommands::disarm));
  }

  private static void list(Invocation call) throws InterruptedException {
    call.arguments(0, 0, "member list command takes no arguments");
    call.print(
        call.printer()
            .members(
                call.ask(
                    ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance())));
  }

  static List<String> endpoints(Invocation call) throws InterruptedException {
    if (!call.flags().isSet("cluster")) {
      return call.settings().endpoints();
    }
    List<String> all = new ArrayList<>();
    for (Member member :
        call.ask(ClusterGrpc.getMemberListMethod(), MemberListRequest.getDefaultInstance())
            .getMembersList()) {
      all.addAll(member.getClientURLsList());
    }
    return all;
  }

  /** Asks members one after the other; null stands for one that did not answer, which is said. */
  private static <Q, A> List<@Nullable A> askEach(
      Invocation call,
      List<String> endpoints,
      MethodDescriptor<Q, A> method,
      Q request,
      String what)
      throws InterruptedException {
    List<@Nullable A> answers = new ArrayList<>();
    for (String endpoint : endpoints) {
      try {
        answers.add(call.wire().callAt(endpoint, method, request));
      } catch (WireException e) {
        call.terminal()
            .err()
            .println(
                "Failed to get the "
                    + what
                    + " of endpoint "
                    + endpoint
                    + " ("
                    + e.getMessage()
                    + ")");
        answers.add(null);
      }
    }
    return answers;
  }

  private static int status(Invocation call) throws InterruptedException {
    List<String> endpoints = endpoints(call);
    List<@Nullable StatusResponse> answers =
        askEach(
            call,
            endpoints,
            MaintenanceGrpc.getStatusMethod(),
            StatusRequest.getDefaultInstance(),
            "status");
    List<EndpointStatus> all = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      StatusResponse answer = answers.get(i);
      if (answer != null) {
        all.add(new EndpointStatus(endpoints.get(i), answer));
      }
    }
    call.print(call.printer().statuses(all));
    return (all.size() == endpoints.size() ? ExitCode.OK : ExitCode.FAILED).number();
  }

  private static int hash(Invocation call) throws InterruptedException {
    List<String> endpoints = endpoints(call);
    HashKVRequest request =
        HashKVRequest.newBuilder().setRevision(call.flags().number("rev")).build();
    var answers = askEach(call, endpoints, MaintenanceGrpc.getHashKVMethod(), request, "hash");
    List<EndpointHash> all = new ArrayList<>();
    for (int i = 0; i < answers.size(); i++) {
      var answer = answers.get(i);
      if (answer != null) {
        all.add(new EndpointHash(endpoints.get(i), answer));
      }
    }
    call.print(call.printer().hashes(all));
    return (all.size() == endpoints.size() ? ExitCode.OK : ExitCode.FAILED).number();
  }

  private static void health(Invocation call) throws InterruptedException {
    List<EndpointHealth> all = new ArrayList<>();
    RangeRequest request =
        RangeRequest.newBuilder()
            .setKey(com.google.protobuf.ByteString.copyFromUtf8("health"))
            .build();
    for (String endpoint : endpoints(call)) {
      long begunNanos = call.clocks().nanoTime();
      String error = "";
      try {
        RangeResponse unused = call.wire().callAt(endpoint, KVGrpc.getRangeMethod(), request);
      } catch (WireException e) {
        error = String.valueOf(e.getMessage());
      }
      Duration took = Duration.ofNanos(call.clocks().nanoTime() - begunNanos);
      all.add(new EndpointHealth(endpoint, took, error));
    }
    if (call.flags().text("write-out").equals("simple")) {
      // Where etcdctl has it.
      call.terminal().err().print(call.printer().healths(all).toStringUtf8());
    } else {
      call.print(call.printer().healths(all));
    }
    if (!all.stream().allMatch(EndpointHealth::isHealthy)) {
      throw new CommandException(ExitCode.FAILED, "unhealthy cluster");
    }
  }

  private static void moveLeader(Invocation call) throws InterruptedException {
    String id = call.arguments(1, 1, "move-leader command needs 1 argument").get(0);
    long target;
    try {
      target = Numbers.parseUnsigned(id, HEX);
    } catch (IllegalArgumentException e) {
      throw CommandException.badArguments(String.valueOf(e.getMessage()));
    }
    List<String> endpoints = call.settings().endpoints();
    for (String endpoint : endpoints) {
      StatusResponse status;
      try {
        status =
            call.wire()
                .callAt(
                    endpoint,
                    MaintenanceGrpc.getStatusMethod(),
                    StatusRequest.getDefaultInstance());
      } catch (WireException e) {
        continue;
      }
      long self = status.getHeader().getMemberId();
      if (status.getLeader() == self) {
        MoveLeaderRequest request = MoveLeaderRequest.newBuilder().setTargetID(target).build();
        call.print(
            call.printer()
                .leaderMoved(
                    self,
                    target,
                    call.wire().callAt(endpoint, MaintenanceGrpc.getMoveLeaderMethod(), request)));
        return;
      }
    }
    throw CommandException.badArguments("no leader endpoint given at " + endpoints);
  }

  private static void listAlarms(Invocation call) throws InterruptedException {
    call.arguments(0, 0, "alarm list command accepts no arguments");
    call.print(
        call.printer()
            .alarms(
                call.ask(
                    MaintenanceGrpc.getAlarmMethod(),
                    AlarmRequest.newBuilder().setAction(AlarmAction.GET).build())));
  }

  private static void disarm(Invocation call) throws InterruptedException {
    call.arguments(0, 0, "alarm disarm command accepts no arguments");
    AlarmResponse listed =
        call.ask(
            MaintenanceGrpc.getAlarmMethod(),
            AlarmRequest.newBuilder().setAction(AlarmAction.GET).build());
    AlarmResponse.Builder ended = AlarmResponse.newBuilder();
    for (AlarmMember alarm : listed.getAlarmsList()) {
      AlarmRequest request =
          AlarmRequest.newBuilder()
              .setAction(AlarmAction.DEACTIVATE)
              .setMemberID(alarm.getMemberID())
              .setAlarm(alarm.getAlarm())
              .build();
      // Ending an alarm twice ends it once.
      ended.addAllAlarms(call.ask(MaintenanceGrpc.getAlarmMethod(), request).getAlarmsList());
    }
    call.print(call.printer().alarms(ended.build()));
  }
}
