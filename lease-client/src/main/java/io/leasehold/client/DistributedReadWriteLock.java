package io.leasehold.client;

import java.time.Duration;
import java.util.Optional;

/**
 * A lock that many may hold to read, or one to write.
 *
 * <p>Fair: a reader waits for the writers that asked before it, a writer for everybody that did. So
 * a writer is not overtaken by readers that come later. Not reentrant, and bound to no thread: who
 * holds it to read and asks to write waits for itself.
 *
 * <p>A writer's {@link Hold#fencingToken} is larger than those of all writers and readers before
 * it. Readers that share the lock have different ones.
 */
public final class DistributedReadWriteLock {
  private final Session session;
  private final Line readers;
  private final Line writers;

  DistributedReadWriteLock(Session session, String name) {
    this.session = session;
    Bytes all = Bytes.of(name + "/");
    Bytes writing = all.plus(Bytes.of("write/"));
    this.readers = new Line(all.plus(Bytes.of("read/")), writing, 1);
    this.writers = new Line(writing, all, 1);
  }

  /**
   * Takes the lock to read, however long that takes.
   *
   * @throws LeaseLostException when the session's lease is lost
   */
  public Hold read() throws InterruptedException {
    return Hold.await(session, readers);
  }

  /** Takes the lock to read if it can be had within a time; zero: if it can be had now. */
  public Optional<Hold> tryRead(Duration most) throws InterruptedException {
    return Hold.within(session, readers, most);
  }

  /**
   * Takes the lock to write, however long that takes.
   *
   * @throws LeaseLostException when the session's lease is lost
   */
  public Hold write() throws InterruptedException {
    return Hold.await(session, writers);
  }

  /** Takes the lock to write if it can be had within a time; zero: if it can be had now. */
  public Optional<Hold> tryWrite(Duration most) throws InterruptedException {
    return Hold.within(session, writers, most);
  }
}
