package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import io.leasehold.core.key.KeyReading;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings changes into {@link RecentChanges} in order, though of some revisions nobody says what
 * they changed: that is read from disk, while what comes after them waits here.
 *
 * <p>The view to read from is opened at once, since compaction may give that history up before its
 * turn comes. What waits is bounded as the recent changes are. When it is too much, or cannot be
 * read, there is a gap instead, and watchers read on from disk. Any thread; the lock is never held
 * while reading.
 */
final class ChangeIntake {
  private static final Logger log = LoggerFactory.getLogger(ChangeIntake.class);

  /** Views that are open at a time; of what comes beyond them there is a gap. */
  private static final int WAITING_TO_BE_READ_MAX = 256;

  private final RecentChanges recent;
  private final long bytesMax;
  private final HistoryReads reads;
  private final Executor readers;
  private final Runnable wake;

  /** What comes after {@link #reading}. */
  private final Queue<Waiting> waiting = new ArrayDeque<>();

  private volatile long last;
  private long waitingBytes;
  private int waitingToBeRead;

  /** What is being read, null for nothing. */
  private @Nullable Unread reading;

  /** A revision whose turn comes later. */
  private sealed interface Waiting permits Known, Unread {}

  private record Known(Change change) implements Waiting {}

  private record Unread(long revision, KeyReading view) implements Waiting {}

  /**
   * @param bytesMax of what waits, and of what is read
   * @param readers may block
   * @param wake called when there are more recent changes
   */
  ChangeIntake(
      RecentChanges recent, long bytesMax, HistoryReads reads, Executor readers, Runnable wake) {
    this.recent = recent;
    this.last = recent.last();
    this.bytesMax = bytesMax;
    this.reads = reads;
    this.readers = readers;
    this.wake = wake;
  }

  /** The next revision changed this. */
  void add(long revision, List<KeyEvent> events) {
    synchronized (this) {
      last = Math.max(last, revision);
      if (reading == null) {
        recent.append(revision, events);
      } else {
        Change change = Change.of(revision, events);
        waiting.add(new Known(change));
        waitingBytes += change.bytes();
        if (waitingBytes > bytesMax) {
          skipTo(revision);
        }
      }
    }
    wake.run();
  }

  /** The next revision, which is committed, changed what history tells. */
  void addFromHistory(long revision) {
    KeyReading view;
    try {
      view = reads.open();
    } catch (RuntimeException e) {
      log.debug("cannot read what revision {} changed", revision, e);
      skipTo(revision);
      return;
    }
    synchronized (this) {
      last = Math.max(last, revision);
      Unread unread = new Unread(revision, view);
      if (reading == null) {
        startReading(unread);
      } else {
        waiting.add(unread);
        waitingToBeRead++;
        if (waitingToBeRead > WAITING_TO_BE_READ_MAX) {
          skipTo(revision);
        }
      }
    }
    wake.run();
  }

  /** Returns the newest revision that was handed over. */
  long last() {
    return last;
  }

  /** Everything up to a revision is to be read from disk by whoever wants it. */
  void skipTo(long revision) {
    synchronized (this) {
      last = Math.max(last, revision);
      reading = null; // its reader closes its view
      for (Waiting each : waiting) {
        if (each instanceof Unread unread) {
          unread.view().close();
        }
      }
      waiting.clear();
      waitingBytes = 0;
      waitingToBeRead = 0;
      recent.restart(revision);
    }
    wake.run();
  }

  private void startReading(Unread unread) {
    reading = unread;
    try {
      readers.execute(() -> read(unread));
    } catch (RejectedExecutionException e) {
      log.debug("the member stops and serves no watchers any more", e);
      reading = null;
      unread.view().close();
    }
  }

  private void read(Unread unread) {
    long revision = unread.revision();
    List<KeyEvent> events = new ArrayList<>();
    boolean isRead = false;
    try (KeyReading view = unread.view()) {
      Room room = new Room(bytesMax);
      view.forEachEvent(revision, revision, event -> events.add(event) && room.isLeftAfter(event));
      isRead = !events.isEmpty() && room.isLeft();
    } catch (RuntimeException | Error e) {
      // The state is replaced or closed, or watchers will find out as well.
      log.warn("cannot read what revision {} changed: {}", revision, e.toString());
    }
    synchronized (this) {
      if (unread.equals(reading)) { // else it was skipped
        reading = null;
        if (isRead) {
          recent.append(revision, events);
        } else {
          recent.restart(revision);
        }
        takeWaiting();
      }
    }
    wake.run();
  }

  private void takeWaiting() {
    while (reading == null && !waiting.isEmpty()) {
      Waiting next = waiting.remove();
      if (next instanceof Known known) {
        waitingBytes -= known.change().bytes();
        recent.append(known.change().revision(), known.change().events());
      } else if (next instanceof Unread unread) {
        waitingToBeRead--;
        startReading(unread);
      }
    }
  }

  /** Room in memory that events take. Used by one thread. */
  private static final class Room {
    private long left;

    Room(long bytes) {
      this.left = bytes;
    }

    boolean isLeftAfter(KeyEvent event) {
      left -= Change.bytesOf(event);
      return isLeft();
    }

    boolean isLeft() {
      return left >= 0;
    }
  }
}
