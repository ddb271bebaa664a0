package io.leasehold.server;

import java.util.concurrent.ThreadFactory;

/** Names the server's threads, none of which keeps the process alive. */
final class DaemonThreads {
  private DaemonThreads() {}

  static ThreadFactory named(String name) {
    return task -> {
      Thread thread = new Thread(task, name);
      thread.setDaemon(true);
      return thread;
    };
  }
}
