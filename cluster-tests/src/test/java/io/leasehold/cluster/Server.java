package io.leasehold.cluster;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A program that serves etcd's interface: ours, or etcd itself, which shows that a suite asks for
 * nothing that etcd does not do. Both take the same flags.
 */
public enum Server {
  LEASEHOLD {
    @Override
    List<String> command(String heap, List<String> arguments) {
      return Distribution.command(heap, arguments);
    }
  },

  /** Debian's {@code etcd-server}, version 3.4; the service of that name need not run. */
  ETCD {
    @Override
    List<String> command(String heap, List<String> arguments) {
      List<String> command = new ArrayList<>(List.of(ETCD_PROGRAM));
      command.addAll(arguments);
      return command;
    }
  };

  private static final String ETCD_PROGRAM = "etcd";

  /** Names those to test, separated by commas; all when it is empty. */
  private static final String CHOICE = System.getProperty("leasehold.servers", "");

  /** Returns the command of one member. */
  abstract List<String> command(String heap, List<String> arguments);

  /** Returns those that suites run against; says so when etcd is to be left out. */
  public static List<Server> present() {
    List<Server> servers =
        new ArrayList<>(
            CHOICE.isEmpty()
                ? List.of(values())
                : Arrays.stream(CHOICE.split(",", -1)).map(Server::valueOf).toList());
    if (servers.contains(ETCD) && !Programs.isInstalled(ETCD_PROGRAM, "--version")) {
      System.out.println(
          "Skipped against etcd: etcd is not installed (Debian package etcd-server)");
      servers.remove(ETCD);
    }
    return servers;
  }
}
