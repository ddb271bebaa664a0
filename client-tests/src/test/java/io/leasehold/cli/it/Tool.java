package io.leasehold.cli.it;

import io.leasehold.cli.Leasectl;
import io.leasehold.cli.command.Terminal;
import io.leasehold.cli.time.Clocks;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A command line tool: etcd's own, or ours. */
enum Tool {
  /** Debian's {@code etcd-client}, version 3.4. */
  ETCDCTL {
    @Override
    Result run(String endpoints, String input, List<String> words) {
      List<String> command = new ArrayList<>(List.of("etcdctl", "--endpoints=" + endpoints));
      command.addAll(words);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().put("ETCDCTL_API", "3");
      try {
        Process process = builder.start();
        CompletableFuture<byte[]> errors =
            CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
        try (OutputStream in = process.getOutputStream()) {
          in.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
          // It ended without reading; what it printed tells why.
        }
        byte[] out = read(process.getInputStream());
        return new Result(process.waitFor(), text(out), text(errors.join()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  },

  /** Ours, in this JVM. */
  LEASECTL {
    @Override
    Result run(String endpoints, String input, List<String> words) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      Terminal terminal =
          new Terminal(
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              new PrintStream(out, true, StandardCharsets.UTF_8),
              new PrintStream(err, true, StandardCharsets.UTF_8));
      try {
        int code =
            new Leasectl(Map.of("ETCDCTL_ENDPOINTS", endpoints), terminal, Clocks.system())
                .run(words);
        terminal.out().flush();
        return new Result(code, text(out.toByteArray()), text(err.toByteArray()));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  };

  /** What one run came to. */
  record Result(int code, String out, String err) {}

  abstract Result run(String endpoints, String input, List<String> words);

  private static byte[] read(java.io.InputStream in) {
    try {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
