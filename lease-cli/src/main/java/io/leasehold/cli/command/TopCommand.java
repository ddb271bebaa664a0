package io.leasehold.cli.command;

import io.leasehold.api.etcdserverpb.LeaseGrpc;
import io.leasehold.api.etcdserverpb.LeaseLeasesRequest;
import io.leasehold.api.etcdserverpb.LeaseLeasesResponse;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveRequest;
import io.leasehold.api.etcdserverpb.LeaseTimeToLiveResponse;
import io.leasehold.api.etcdserverpb.MaintenanceGrpc;
import io.leasehold.api.etcdserverpb.StatusRequest;
import io.leasehold.api.etcdserverpb.StatusResponse;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.output.TopView;
import io.leasehold.cli.output.TopView.Frame;
import io.leasehold.cli.output.TopView.LeaseLine;
import io.leasehold.cli.output.TopView.MemberLine;
import io.leasehold.cli.output.TopView.Rates;
import io.leasehold.cli.wire.Endpoints;
import io.leasehold.cli.wire.WireException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** {@code top}: the members and the leases that end soonest, again and again. */
final class TopCommand {
  /** Each lease is a request of its own: so many take a second or so. */
  private static final int ASKED_MAX = 1000;

  private static final Duration PAGE_MAX = Duration.ofMillis(500);

  /** Where {@code ./leasehold up} and the image have the metrics: two above the client port. */
  private static final int METRICS_OFFSET = 2;

  private static final String CLEAR = "\u001b[H\u001b[2J";

  private final Invocation call;
  private final List<String> endpoints;
  private final List<String> pages;

  /** The counters of the frame before, by endpoint. */
  private final Map<String, Counted> before = new HashMap<>();

  /** What a member had counted at an instant of this process's clock. */
  private record Counted(
      long atNanos,
      OptionalDouble renewals,
      OptionalDouble grants,
      OptionalDouble ends,
      OptionalDouble keys) {}

  private TopCommand(Invocation call, List<String> endpoints, List<String> pages) {
    this.call = call;
    this.endpoints = endpoints;
    this.pages = pages;
  }

  static Command command() {
    return Command.of(
        "top",
        "",
        "Shows the members, and the leases that end soonest, again and again",
        TopCommand::run,
        Flag.duration("interval", "2s", "how long between two frames"),
        Flag.toggle("once", "print one frame and end; rates need two"),
        Flag.number("leases", "10", "how many leases to show"),
        Flag.toggle("cluster", "ask all members of the cluster instead of --endpoints"),
        Flag.text(
            "metrics",
            "",
            "the members' metrics ports as host:port, in the order of the members; two above the"
                + " client port unless told"));
  }

  private static void run(Invocation call) throws InterruptedException {
    call.arguments(0, 0, "top command takes no arguments");
    List<String> endpoints = MemberCommands.endpoints(call);
    String pages = call.flags().text("metrics");
    TopCommand top =
        new TopCommand(
            call, endpoints, pages.isEmpty() ? List.of() : List.of(pages.split(",", -1)));
    boolean isOnce = call.flags().isSet("once");
    boolean isLive = !isOnce && isOnTerminal();
    while (true) {
      Frame frame = top.frame();
      call.print((isLive ? CLEAR : "") + TopView.text(frame) + (isOnce || isLive ? "" : "\n"));
      if (isOnce) {
        if (frame.members().stream().noneMatch(one -> one.role().equals("leader"))) {
          throw new CommandException(ExitCode.FAILED, "no member leads");
        }
        return;
      }
      call.clocks().pause(call.flags().duration("interval"));
    }
  }

  private static boolean isOnTerminal() throws InterruptedException {
    try {
      return new ProcessBuilder("sh", "-c", "[ -t 1 ]").inheritIO().start().waitFor() == 0;
    } catch (IOException e) {
      // Without a shell there is no terminal either.
      return false;
    }
  }

  private Frame frame() throws InterruptedException {
    List<@Nullable StatusResponse> statuses = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    long newest = 0;
    for (String endpoint : endpoints) {
      try {
        StatusResponse status =
            call.wire()
                .callAt(
                    endpoint,
                    MaintenanceGrpc.getStatusMethod(),
                    StatusRequest.getDefaultInstance());
        newest = Math.max(newest, status.getRaftIndex());
        statuses.add(status);
        problems.add(String.join(", ", status.getErrorsList()).strip());
      } catch (WireException e) {
        statuses.add(null);
        problems.add(String.valueOf(e.getMessage()));
      }
    }
    List<MemberLine> members = new ArrayList<>();
    for (int i = 0; i < endpoints.size(); i++) {
      members.add(line(i, statuses.get(i), newest, problems.get(i)));
    }
    return withLeases(members);
  }

  private MemberLine line(int index, @Nullable StatusResponse status, long newest, String problem) {
    String endpoint = endpoints.get(index);
    if (status == null) {
      return new MemberLine(endpoint, "down", 0, 0, 0, 0, Rates.unknown(), problem);
    }
    boolean isLeader = status.getLeader() == status.getHeader().getMemberId();
    return new MemberLine(
        endpoint,
        isLeader ? "leader" : status.getIsLearner() ? "learner" : "follower",
        status.getRaftTerm(),
        status.getRaftIndex(),
        newest - status.getRaftAppliedIndex(),
        status.getDbSize(),
        rates(endpoint, page(index)),
        problem);
  }

  private String page(int index) {
    if (index < pages.size()) {
      return pages.get(index);
    }
    OptionalInt port = Endpoints.port(endpoints.get(index));
    return port.isPresent()
        ? Endpoints.host(endpoints.get(index)) + ":" + (port.getAsInt() + METRICS_OFFSET)
        : "";
  }

  private Rates rates(String endpoint, String page) {
    Optional<MetricsPage> fetched = MetricsPage.fetch(page, PAGE_MAX);
    if (fetched.isEmpty()) {
      before.remove(endpoint);
      return Rates.unknown();
    }
    MetricsPage metrics = fetched.get();
    Counted now =
        new Counted(
            call.clocks().nanoTime(),
            metrics.sum("leasehold_renewals_total"),
            metrics.sum("leasehold_grants_total"),
            metrics.sum("leasehold_revokes_total"),
            metrics.sum("leasehold_key_requests_total"));
    Counted last = before.put(endpoint, now);
    if (last == null) {
      return Rates.unknown();
    }
    double seconds = Duration.ofNanos(now.atNanos - last.atNanos).toMillis() / 1000.0;
    return new Rates(
        rate(last.renewals, now.renewals, seconds),
        rate(last.grants, now.grants, seconds),
        rate(last.ends, now.ends, seconds),
        rate(last.keys, now.keys, seconds));
  }

  private static OptionalDouble rate(OptionalDouble last, OptionalDouble now, double seconds) {
    // A member that was started again counts from nothing.
    boolean isKnown =
        last.isPresent()
            && now.isPresent()
            && seconds > 0
            && now.getAsDouble() >= last.getAsDouble();
    return isKnown
        ? OptionalDouble.of((now.getAsDouble() - last.getAsDouble()) / seconds)
        : OptionalDouble.empty();
  }

  private Frame withLeases(List<MemberLine> members) throws InterruptedException {
    List<LeaseLine> lines = new ArrayList<>();
    long leases = 0;
    int asked = 0;
    boolean isServing = members.stream().anyMatch(one -> one.role().equals("leader"));
    try {
      LeaseLeasesResponse all =
          isServing
              ? call.ask(LeaseGrpc.getLeaseLeasesMethod(), LeaseLeasesRequest.getDefaultInstance())
              : LeaseLeasesResponse.getDefaultInstance();
      leases = all.getLeasesCount();
      asked = (int) Math.min(leases, ASKED_MAX);
      for (int i = 0; i < asked; i++) {
        LeaseTimeToLiveResponse one =
            call.ask(
                LeaseGrpc.getLeaseTimeToLiveMethod(),
                LeaseTimeToLiveRequest.newBuilder()
                    .setID(all.getLeases(i).getID())
                    .setKeys(true)
                    .build());
        // It may have ended since it was listed.
        if (one.getTTL() >= 0) {
          lines.add(
              new LeaseLine(
                  one.getID(),
                  Duration.ofSeconds(one.getTTL()),
                  Duration.ofSeconds(one.getGrantedTTL()),
                  one.getKeysCount()));
        }
      }
    } catch (WireException e) {
      // A leader that is lost in the middle of a frame shows in the next one.
      lines.clear();
    }
    lines.sort(Comparator.comparing(LeaseLine::left).thenComparingLong(LeaseLine::id));
    return new Frame(
        call.clocks().wallMillis(),
        members,
        leases,
        asked,
        lines.stream().limit(call.flags().number("leases")).toList());
  }
}
