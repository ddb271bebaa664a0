package io.leasehold.jepsen.client;

import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.leasehold.jepsen.client.Exchange.Answered;
import io.leasehold.jepsen.history.Op;
import io.leasehold.jepsen.history.Request;
import io.leasehold.jepsen.history.Result;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A client that does one operation after the other. It never repeats one; after an operation whose
 * outcome it does not know it goes on under another number, as if it had crashed. For one thread.
 */
public final class Client {
  private final Connections connections;
  private final MemberChoice choice;
  private final Duration deadline;
  private final Processes processes;
  private final RunClock clock;
  private long process;

  public Client(
      Connections connections,
      MemberChoice choice,
      Duration deadline,
      Processes processes,
      RunClock clock) {
    this.connections = connections;
    this.choice = choice;
    this.deadline = deadline;
    this.processes = processes;
    this.clock = clock;
    this.process = processes.next();
  }

  /** The number under which the next operation is made. */
  public long process() {
    return process;
  }

  /** Makes an operation, waits at most the deadline, and returns what came of it. Never throws. */
  public Op call(Request request) {
    return call(request, deadline);
  }

  /** As above, with a deadline of its own, as for a lock that others hold. */
  public Op call(Request request, Duration ownDeadline) {
    String member = choice.next();
    SendWatch sending = new SendWatch();
    CallOptions options =
        sending.on(
            CallOptions.DEFAULT.withDeadlineAfter(ownDeadline.toNanos(), TimeUnit.NANOSECONDS));
    long invokedNanos = clock.nowNanos();
    try {
      Answered answered = new Exchange(connections.to(member), options).make(request);
      long returnedNanos = clock.nowNanos();
      return Op.ok(
          process,
          member,
          request,
          answered.answer(),
          answered.header().getRevision(),
          answered.header().getRaftTerm(),
          invokedNanos,
          returnedNanos);
    } catch (StatusRuntimeException e) {
      long returnedNanos = clock.nowNanos();
      return unanswered(
          member, request, e.getStatus(), sending.maybeSent(), invokedNanos, returnedNanos);
    }
  }

  private Op unanswered(
      String member,
      Request request,
      Status status,
      boolean maybeSent,
      long invokedNanos,
      long returnedNanos) {
    Result result = OutcomeMapper.of(status, maybeSent);
    Op op =
        Op.unanswered(
            process,
            member,
            request,
            result,
            OutcomeMapper.describe(status),
            invokedNanos,
            returnedNanos);
    if (result == Result.INFO) {
      process = processes.next();
    }
    if (result == Result.INFO || !maybeSent) {
      // A refusal is an answer; only silence is a reason to ask somebody else.
      choice.failed();
    }
    return op;
  }
}
