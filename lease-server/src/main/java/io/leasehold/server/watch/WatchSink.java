package io.leasehold.server.watch;

import io.leasehold.api.mvccpb.Event;
import java.util.List;

/**
 * Where the messages of one stream go. Called on the dispatcher thread; never blocks.
 *
 * <p>Events are sent only while the sink is ready, so that it holds at most what it takes to become
 * unready and one message more. The other messages answer requests, and whoever reads the requests
 * sees to their number.
 */
public interface WatchSink {
  /** The ID in messages that are about no watcher, or about all. */
  long NO_WATCHER = -1;

  /**
   * Tells whether more can be taken; once it is again, {@link Subscriber#ready} is to be called.
   */
  boolean isReady();

  /** A request that was handed to the {@link Subscriber} has been dealt with. */
  void handled();

  void created(long watchId, long revision);

  void refused(WatchRefusal why, long revision);

  /**
   * Sends events: all that the watcher wants of one revision, or of several.
   *
   * @param revision the last of them; everything wanted up to it has been sent
   */
  void events(long watchId, long revision, List<Event> events, boolean mayFragment);

  /** The watcher ended because the client asked for it. */
  void canceled(long watchId, long revision);

  /** The watcher ended because it needs history that is gone. */
  void compacted(long watchId, long revision, long compactedRevision);

  /** Everything wanted up to this revision has been sent. */
  void progress(long watchId, long revision);

  /** This member cannot serve the stream any longer. */
  void failed();
}
