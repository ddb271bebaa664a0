package io.leasehold.cli.command;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.leasehold.cli.flag.Flags;
import io.leasehold.cli.output.JsonPrinter;
import io.leasehold.cli.output.Printer;
import io.leasehold.cli.output.SimplePrinter;
import io.leasehold.cli.output.TablePrinter;
import io.leasehold.cli.time.Clocks;
import io.leasehold.cli.wire.Endpoints;
import io.leasehold.cli.wire.Tls;
import io.leasehold.cli.wire.Wire;
import io.leasehold.cli.wire.WireSettings;
import io.leasehold.client.LeaseClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** One run of a command: its words, and all that it needs. One thread, but for printing. */
public final class Invocation implements AutoCloseable {
  private final Flags flags;
  private final Map<String, String> environment;
  private final Terminal terminal;
  private final Clocks clocks;
  private @Nullable Wire wire;

  public Invocation(
      Flags flags, Map<String, String> environment, Terminal terminal, Clocks clocks) {
    this.flags = flags;
    this.environment = environment;
    this.terminal = terminal;
    this.clocks = clocks;
  }

  Flags flags() {
    return flags;
  }

  Map<String, String> environment() {
    return environment;
  }

  Terminal terminal() {
    return terminal;
  }

  Clocks clocks() {
    return clocks;
  }

  /** Returns the arguments, which must be so many. */
  List<String> arguments(int least, int most, String complaint) {
    List<String> arguments = flags.arguments();
    if (arguments.size() < least || arguments.size() > most) {
      throw CommandException.badArguments(complaint);
    }
    return arguments;
  }

  /** Returns the printer of the format that is wanted. */
  Printer printer() {
    boolean isValueOnly = flags.has("print-value-only") && flags.isSet("print-value-only");
    return switch (flags.text("write-out")) {
      case "json" -> new JsonPrinter();
      case "table" -> new TablePrinter();
      default -> new SimplePrinter(flags.isSet("hex"), isValueOnly);
    };
  }

  /** Prints, and flushes: whoever reads a pipe must not wait for the next answer. */
  synchronized void print(ByteString bytes) {
    try {
      bytes.writeTo(terminal.out());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    terminal.out().flush();
  }

  void print(String text) {
    print(ByteString.copyFromUtf8(text));
  }

  /** Returns what asks members. */
  Wire wire() {
    if (wire == null) {
      wire = new Wire(settings(), clocks);
    }
    return wire;
  }

  <Q, A> A ask(MethodDescriptor<Q, A> method, Q request) throws InterruptedException {
    return wire().call(method, request, Wire.Repeat.SAFE);
  }

  <Q, A> A change(MethodDescriptor<Q, A> method, Q request) throws InterruptedException {
    return wire().call(method, request, Wire.Repeat.NEVER);
  }

  /** Returns how members are reached. */
  WireSettings settings() {
    try {
      List<String> endpoints = Endpoints.parse(flags.text("endpoints"));
      return new WireSettings(
          endpoints,
          tls(endpoints),
          flags.duration("dial-timeout"),
          flags.duration("command-timeout"));
    } catch (IllegalArgumentException e) {
      throw CommandException.badArguments(String.valueOf(e.getMessage()));
    }
  }

  private @Nullable SSLContext tls(List<String> endpoints) {
    String ca = flags.text("cacert");
    String cert = flags.text("cert");
    String key = flags.text("key");
    boolean trustsAnybody = flags.isSet("insecure-skip-tls-verify");
    boolean isWanted =
        !ca.isEmpty()
            || !cert.isEmpty()
            || !key.isEmpty()
            || trustsAnybody
            || !flags.isSet("insecure-transport")
            || endpoints.stream().anyMatch(Endpoints::isTls);
    return isWanted ? Tls.context(ca, cert, key, trustsAnybody) : null;
  }

  /** Returns a client of its own for what hangs on a lease. */
  LeaseClient client() {
    WireSettings settings = settings();
    LeaseClient.Builder builder =
        LeaseClient.builder(settings.endpoints().toArray(new String[0]))
            .connectTimeout(settings.dialTimeout())
            .requestTimeout(settings.commandTimeout());
    SSLContext tls = settings.tls();
    return (tls == null ? builder : builder.tls(tls)).build();
  }

  @Override
  public void close() {
    if (wire != null) {
      wire.close();
    }
  }
}
