package io.leasehold.raft;

/**
 * Hears that this member must stop at once: its state or its disk cannot be trusted. Called from
 * any thread; must not block.
 */
@FunctionalInterface
public interface FatalErrorHandler {
  /**
   * Stops the process, or the member under test.
   *
   * @param line one line for the operator: what failed, which file, what to do
   */
  void fail(String line);
}
