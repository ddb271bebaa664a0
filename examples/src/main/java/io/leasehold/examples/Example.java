package io.leasehold.examples;

import io.leasehold.client.LeaseClient;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** What the programs have in common. */
final class Example {
  private static final String ENDPOINTS = "LEASEHOLD_ENDPOINTS";
  private static final String ON_THIS_MACHINE = "127.0.0.1:2379,127.0.0.1:22379,127.0.0.1:32379";

  private static final long FIRST_PROCESS = 1;

  private Example() {}

  /** Connects to the cluster that the environment names, else to the one on this machine. */
  static LeaseClient connect() {
    return LeaseClient.connect(System.getenv().getOrDefault(ENDPOINTS, ON_THIS_MACHINE));
  }

  /**
   * Returns a name that no other process of this example has on this machine, in containers or
   * outside: the first process of a container has the same number in each, but another host's name.
   */
  static String name(String kind) {
    long pid = ProcessHandle.current().pid();
    return kind + "-" + (pid == FIRST_PROCESS ? hostName() : Long.toString(pid));
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Prints a line. */
  static void say(String line) {
    System.out.println(line);
  }

  /** Has something done when somebody stops this process, as with Ctrl-C. */
  static void onStop(Runnable last) {
    Runtime.getRuntime().addShutdownHook(new Thread(last, "stop"));
  }
}
