package io.leasehold.cli.start;

import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.leasehold.cli.Leasectl;
import io.leasehold.cli.command.Terminal;
import io.leasehold.cli.time.Clocks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Runs the usual commands once, against an extra who plays a member, so that the JVM can keep what
 * it learned by that in an archive.
 */
public final class Rehearsal {
  private static final List<String> LINES =
      List.of(
          "version",
          "lease list",
          "lease grant 10",
          "lease grant 10 -w json",
          "lease timetolive 1 --keys",
          "lease keep-alive --once 1",
          "lease revoke 1",
          "put a b",
          "get a --prefix -w json",
          "get a --prefix",
          "del a",
          "txn",
          "member list -w table",
          "endpoint status -w table",
          "endpoint health",
          "lock a --ttl 10 -- true");

  private static final String TRANSACTION = "mod(\"a\") > \"0\"\n\nput a b\n\nget a\n\n";

  private Rehearsal() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    java.util.logging.LogManager.getLogManager().reset();
    Server extra =
        Extra.services(
                NettyServerBuilder.forAddress(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
            .build()
            .start();
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    int failed = 0;
    for (String line : LINES) {
      Terminal terminal =
          new Terminal(
              new ByteArrayInputStream(TRANSACTION.getBytes(StandardCharsets.US_ASCII)),
              nowhere,
              System.err);
      List<String> words = new ArrayList<>(Arrays.asList(line.split(" ", -1)));
      words.add(0, "--endpoints=127.0.0.1:" + extra.getPort());
      failed += new Leasectl(Map.of(), terminal, Clocks.system()).run(words) == 0 ? 0 : 1;
    }
    Server unused = extra.shutdownNow();
    System.exit(failed);
  }
}
