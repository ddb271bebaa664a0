package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.leasehold.api.etcdserverpb.KVGrpc;
import io.leasehold.api.etcdserverpb.RangeRequest;
import io.leasehold.cli.flag.Durations;
import io.leasehold.cli.flag.Flag;
import io.leasehold.cli.flag.Flags;
import io.leasehold.cli.lock.GuardedCommand;
import io.leasehold.cli.lock.GuardedCommand.Ending;
import io.leasehold.cli.lock.Signals;
import io.leasehold.cli.lock.Signals.Signal;
import io.leasehold.client.Bytes;
import io.leasehold.client.DistributedLock;
import io.leasehold.client.LeaseClient;
import io.leasehold.client.LeaseLostException;
import io.leasehold.client.Session;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** {@code lock}: holds a lock while a command runs, or until this process is asked to end. */
final class LockCommand {
  private static final Duration CHECK = Duration.ofMillis(100);

  private final Invocation call;
  private final String name;
  private final List<String> words;
  private final Thread waiting = Thread.currentThread();

  /** The first signal that came while there was no command to have it. */
  private final AtomicReference<@Nullable Signal> signalled = new AtomicReference<>();

  private volatile @Nullable GuardedCommand running;

  private LockCommand(Invocation call, String name, List<String> words) {
    this.call = call;
    this.name = name;
    this.words = words;
  }

  static Command command() {
    return Command.ending(
        "lock",
        "<name> [-- command...]",
        "Holds a lock while a command runs; without one, until leasectl is interrupted",
        LockCommand::run,
        Flag.seconds("ttl", "10", "how long others wait at most when this process is gone"),
        Flag.text(
            "wait", "", "how long to wait for the lock, such as 30s or 0; forever if not given"));
  }

  private static int run(Invocation call) throws InterruptedException {
    Flags flags = call.flags();
    List<String> arguments = flags.arguments();
    if (arguments.isEmpty()) {
      throw CommandException.badArguments(
          "lock takes a lock name argument and an optional command to execute");
    }
    Duration ttl = flags.duration("ttl");
    if (ttl.isZero()) {
      throw CommandException.badArguments("--ttl must be longer than nothing");
    }
    LockCommand command =
        new LockCommand(call, arguments.get(0), arguments.subList(1, arguments.size()));
    Duration wait = patience(flags.text("wait"));
    Signals.hear(command::heard);
    try (LeaseClient client = call.client();
        Session session = client.openSession(ttl)) {
      return command.held(session, wait);
    } catch (LeaseLostException e) {
      throw new CommandException(ExitCode.LOST, "lost while waiting for the lock: " + e.reason());
    } catch (InterruptedException e) {
      Signal signal = command.signalled.get();
      if (signal == null) {
        throw e;
      }
      return signal.exitCode();
    }
  }

  private static @Nullable Duration patience(String wait) {
    if (wait.isEmpty()) {
      return null;
    }
    try {
      return wait.chars().allMatch(Character::isDigit)
          ? Duration.ofSeconds(Numbers.parse(wait, 10))
          : Durations.parse(wait);
    } catch (IllegalArgumentException e) {
      throw CommandException.badArguments(
          "--wait " + wait + ": it takes seconds, or a duration such as 1m30s");
    }
  }

  /** Runs on a thread of the JVM's. */
  private void heard(Signal signal) {
    GuardedCommand command = running;
    if (command != null) {
      command.pass(signal);
    } else if (signalled.compareAndSet(null, signal)) {
      waiting.interrupt();
    }
  }

  private int held(Session session, @Nullable Duration wait) throws InterruptedException {
    DistributedLock lock = session.lock(name);
    if (wait == null) {
      lock.lockInterruptibly();
    } else if (!(wait.isZero() ? lock.tryLock() : lock.tryLock(wait))) {
      throw new CommandException(
          ExitCode.NOT_ACQUIRED,
          "the lock " + name + " was not free within " + call.flags().text("wait"));
    }
    try {
      return words.isEmpty() ? holdUntilSignalled(lock) : runUnder(session, lock);
    } finally {
      lock.unlock();
    }
  }

  private int holdUntilSignalled(DistributedLock lock) throws InterruptedException {
    ByteString key = ByteString.copyFrom(lock.key().map(Bytes::toArray).orElseThrow());
    call.print(
        call.printer()
            .found(
                call.ask(KVGrpc.getRangeMethod(), RangeRequest.newBuilder().setKey(key).build())));
    try {
      while (lock.isHeld()) {
        call.clocks().pause(CHECK);
      }
    } catch (InterruptedException e) {
      return ExitCode.OK.number();
    }
    throw new CommandException(ExitCode.LOST, "session expired: the lock " + name + " was lost");
  }

  private int runUnder(Session session, DistributedLock lock) throws InterruptedException {
    Duration ttl = session.ttl();
    String key = lock.key().map(Bytes::text).orElseThrow();
    String token = Long.toString(lock.fencingToken());
    long deadlineMillis = call.clocks().wallMillis() + lock.remaining().toMillis();
    Map<String, String> environment =
        Map.of(
            "ETCD_LOCK_KEY", key,
            "ETCD_LOCK_REV", token,
            "LEASE_LOCK_NAME", name,
            "LEASE_LOCK_KEY", key,
            "LEASE_LOCK_TOKEN", token,
            "LEASE_LOCK_TTL", Long.toString(ttl.toSeconds()),
            "LEASE_LOCK_DEADLINE", Long.toString(deadlineMillis));
    Ending ending;
    try {
      GuardedCommand command =
          GuardedCommand.start(words, environment, lock::remaining, ttl, call.clocks());
      running = command;
      Signal early = signalled.get();
      if (early != null) {
        boolean unused = Thread.interrupted();
        command.pass(early);
      }
      ending = command.await();
    } catch (IOException e) {
      throw new CommandException(ExitCode.CANNOT_RUN, String.valueOf(e.getMessage()));
    }
    if (ending.wasEnded()) {
      throw new CommandException(
          ExitCode.LOST, "the lock " + name + " was lost, or about to be: the command was ended");
    }
    return ending.code();
  }
}
