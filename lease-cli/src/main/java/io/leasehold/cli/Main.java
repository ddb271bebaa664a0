package io.leasehold.cli;

import io.leasehold.cli.command.Terminal;
import io.leasehold.cli.time.Clocks;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The program {@code leasectl}. */
public final class Main {
  private static final int BUFFER_BYTES = 1 << 16;

  private Main() {}

  public static void main(String[] arguments) throws InterruptedException {
    quieten();
    PrintStream out = stream(FileDescriptor.out);
    Terminal terminal = new Terminal(System.in, out, stream(FileDescriptor.err));
    int code = new Leasectl(System.getenv(), terminal, Clocks.system()).run(List.of(arguments));
    out.flush();
    // Threads of connections would keep the process for a moment; nothing is lost with them.
    System.exit(code);
  }

  /** UTF-8 whatever the locale: keys are bytes, and come out as they went in. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new java.io.BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES),
        descriptor == FileDescriptor.err,
        StandardCharsets.UTF_8);
  }

  /** Libraries have nothing to say on a terminal: what went wrong is said by the command. */
  private static void quieten() {
    System.setProperty("slf4j.internal.verbosity", "ERROR");
    java.util.logging.LogManager.getLogManager().reset();
  }
}
