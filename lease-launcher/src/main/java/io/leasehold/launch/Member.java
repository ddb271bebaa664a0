package io.leasehold.launch;

import java.util.ArrayList;
import java.util.List;

/**
 * A member as the launcher script names it: {@code NAME=CLIENT_PORT=PID}.
 *
 * @param pid 0 when it does not run
 * @param isFrozen stopped by a signal, so it cannot answer
 */
record Member(String name, int clientPort, long pid, boolean isFrozen) {

  static List<Member> listOf(List<String> words) throws LaunchException {
    List<Member> members = new ArrayList<>();
    for (String word : words) {
      String[] parts = word.split("=", -1);
      try {
        long pid = Long.parseLong(parts[2]);
        members.add(new Member(parts[0], Integer.parseInt(parts[1]), Math.abs(pid), pid < 0));
      } catch (RuntimeException e) {
        throw new LaunchException(word + ": not NAME=CLIENT_PORT=PID");
      }
    }
    return members;
  }

  String endpoint() {
    return "127.0.0.1:" + clientPort;
  }

  int metricsPort() {
    return clientPort + 2;
  }

  boolean isRunning() {
    return pid != 0 && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
