package io.leasehold.client;

/** A watch that goes on until it is closed. */
public interface Watcher extends AutoCloseable {
  /** Ends the watch; an event that is being told may still be. */
  @Override
  void close();
}
