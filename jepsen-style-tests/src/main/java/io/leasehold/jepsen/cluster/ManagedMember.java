package io.leasehold.jepsen.cluster;

/**
 * One member that a cluster starts and ends, whatever it runs in. As {@link TestCluster} has it:
 * what changes a member takes its turn, what only asks never waits.
 */
interface ManagedMember {
  int stop();

  void kill();

  void pause();

  void resume();

  boolean isRunning();

  boolean isPaused();

  void onUnexpectedEnd(TestCluster.UnexpectedEnd listener);
}
