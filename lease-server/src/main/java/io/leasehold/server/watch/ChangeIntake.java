package io.leasehold.server.watch;

import io.leasehold.core.key.KeyEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings changes into {@link RecentChanges} in order, though of some revisions nobody says what
 * they changed: that is read from disk, while what comes after them waits here.
 *
 * <p>What waits is bounded as the recent changes are. When it is too much, or cannot be read, there
 * is a gap instead, and watchers read on from disk. Any thread; the lock is never held while
 * reading.
 */
final class ChangeIntake {
  private static final Logger log = LoggerFactory.getLogger(ChangeIntake.class);

  private final RecentChanges recent;
  private final long bytesMax;
  private final HistoryReads reads;
  private final Executor readers;
  private final Runnable wake;

  /** Changes behind the one that is being read; those without events are to be read, too. */
  private final Queue<Change> waiting = new ArrayDeque<>();

  private long waitingBytes;

  /** The revision that is being read, 0 for none. */
  private long reading;

  /**
   * @param bytesMax of what waits, and of what is read
   * @param readers may block
   * @param wake called when there are more recent changes
   */
  ChangeIntake(
      RecentChanges recent, long bytesMax, HistoryReads reads, Executor readers, Runnable wake) {
    this.recent = recent;
    this.bytesMax = bytesMax;
    this.reads = reads;
    this.readers = readers;
    this.wake = wake;
  }

  /** The next revision changed this. */
  void add(long revision, List<KeyEvent> events) {
    synchronized (this) {
      if (reading == 0) {
        recent.append(revision, events);
      } else {
        await(Change.of(revision, events));
      }
    }
    wake.run();
  }

  /** The next revision changed what history tells. */
  void addFromHistory(long revision) {
    synchronized (this) {
      if (reading == 0) {
        startReading(revision);
      } else {
        await(Change.of(revision, List.of()));
      }
    }
    wake.run();
  }

  /** Everything up to a revision is to be read from disk by whoever wants it. */
  void skipTo(long revision) {
    synchronized (this) {
      reading = 0;
      waiting.clear();
      waitingBytes = 0;
      recent.restart(revision);
    }
    wake.run();
  }

  private void await(Change change) {
    waiting.add(change);
    waitingBytes += change.bytes();
    if (waitingBytes > bytesMax) {
      skipTo(change.revision());
    }
  }

  private void startReading(long revision) {
    reading = revision;
    try {
      readers.execute(() -> read(revision));
    } catch (RejectedExecutionException e) {
      log.debug("the member stops and serves no watchers any more", e);
    }
  }

  private void read(long revision) {
    List<KeyEvent> events = new ArrayList<>();
    boolean isRead = false;
    try {
      reads.read(
          view -> {
            if (view.compactedRevision() <= revision) {
              Room room = new Room(bytesMax);
              view.forEachEvent(
                  revision, revision, event -> events.add(event) && room.isLeftAfter(event));
              if (!room.isLeft()) {
                events.clear();
              }
            }
          });
      isRead = !events.isEmpty();
    } catch (RuntimeException e) {
      // The state is replaced or closed, or watchers will find out as well.
      log.warn("cannot read what revision {} changed: {}", revision, e.toString());
    }
    synchronized (this) {
      if (reading != revision) {
        return; // it is skipped already
      }
      reading = 0;
      if (isRead) {
        recent.append(revision, events);
      } else {
        recent.restart(revision);
      }
      takeWaiting();
    }
    wake.run();
  }

  private void takeWaiting() {
    while (reading == 0 && !waiting.isEmpty()) {
      Change next = waiting.remove();
      waitingBytes -= next.bytes();
      if (next.events().isEmpty()) {
        startReading(next.revision());
      } else {
        recent.append(next.revision(), next.events());
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
