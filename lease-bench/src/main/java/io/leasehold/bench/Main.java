package io.leasehold.bench;

import io.leasehold.bench.cluster.BenchException;
import io.leasehold.bench.run.Commands;
import java.util.List;

/** The program. Exit code 0 when everything that was asked for was measured. */
public final class Main {
  private static final int FAILED = 1;
  private static final String TERMINAL = "bench.terminal";

  private Main() {}

  public static void main(String[] words) throws InterruptedException {
    int code;
    try {
      code = new Commands(System.out, Boolean.getBoolean(TERMINAL)).run(List.of(words));
    } catch (BenchException e) {
      System.err.println("bench: " + e.getMessage());
      code = FAILED;
    }
    System.out.flush();
    // Threads of gRPC's channels may still be ending.
    System.exit(code);
  }
}
