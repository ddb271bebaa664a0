package io.leasehold.examples;

import io.leasehold.client.LeaseClient;

/** What the programs have in common. */
final class Example {
  private static final String ENDPOINTS = "LEASEHOLD_ENDPOINTS";
  private static final String ON_THIS_MACHINE = "127.0.0.1:2379,127.0.0.1:22379,127.0.0.1:32379";

  private Example() {}

  /** Connects to the cluster that the environment names, else to the one on this machine. */
  static LeaseClient connect() {
    return LeaseClient.connect(System.getenv().getOrDefault(ENDPOINTS, ON_THIS_MACHINE));
  }

  /** Returns a name that no other process of this example has on this machine. */
  static String name(String kind) {
    return kind + "-" + ProcessHandle.current().pid();
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
